//! Who decides when the next request is sent: it says what the response times of a run can be read as.

use serde::{Deserialize, Serialize};

/// See the module's head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoadModel {
    /// A fixed number of users, each of which waits for its answer.
    Closed,
    /// Users arrive at a rate, whatever the target does.
    Open,
    /// Some of both.
    Mixed,
    /// Nobody has said it.
    #[default]
    #[serde(other)]
    Unknown,
}

impl LoadModel {
    /// Of several parts together.
    #[must_use]
    pub fn of_all(parts: impl IntoIterator<Item = Self>) -> Self {
        let add = |one: Self, other: Self| match (one, other) {
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (one, other) if one == other => one,
            _ => Self::Mixed,
        };
        parts.into_iter().reduce(add).unwrap_or_default()
    }

    /// What it means for the numbers.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Closed => {
                "closed load: a fixed number of users, each of which waits for its answer before it asks again. When the target \
                 slows down, fewer requests are sent, and those that would have met the slow time are in no number (coordinated \
                 omission): percentiles are of the requests that were sent, and look better than what users who come at their own \
                 time would have seen. Look at the rate beside them"
            }
            Self::Open => {
                "open load: users arrive at a rate of their own, whatever the target does. When it slows down, more are under \
                 way at once; the percentiles show it"
            }
            Self::Mixed => {
                "closed and open load together: where users wait for their answers before they ask again, a target that slows \
                 down gets fewer requests, and the percentiles look better than they would be (coordinated omission)"
            }
            Self::Unknown => {
                "it is not known whether the load was closed (users wait for their answers) or open (users arrive at a rate). If \
                 it was closed, a target that slowed down got fewer requests, and the percentiles look better than they would be \
                 (coordinated omission)"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_one_model_only_where_all_are() {
        use LoadModel::{Closed, Mixed, Open, Unknown};
        for (parts, is) in [
            (&[][..], Unknown),
            (&[Closed], Closed),
            (&[Closed, Closed], Closed),
            (&[Open, Closed], Mixed),
            (&[Mixed, Closed], Mixed),
            (&[Open, Unknown], Unknown),
        ] {
            assert_eq!(LoadModel::of_all(parts.iter().copied()), is, "{parts:?}");
        }
    }

    #[test]
    fn a_word_of_a_later_version_is_not_known() {
        let read = |text: &str| serde_json::from_str::<LoadModel>(text).unwrap();
        assert_eq!((read("\"closed\""), read("\"half_open\"")), (LoadModel::Closed, LoadModel::Unknown));
    }
}
