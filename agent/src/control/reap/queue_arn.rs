//! A queue's ARN, as a subscription has it.

/// `arn:PARTITION:sqs:REGION:ACCOUNT:NAME`, in parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct QueueArn {
    /// The region that the queue is in.
    pub region: String,
    /// The account that owns it.
    pub account: String,
    /// Its name.
    pub name: String,
}

impl QueueArn {
    /// `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let ["arn", _, "sqs", region, account, name] = parts[..] else { return None };
        let all_there = ![region, account, name].contains(&"");
        all_there.then(|| Self { region: region.into(), account: account.into(), name: name.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_parts() {
        let arn = QueueArn::parse("arn:aws:sqs:eu-west-1:123456789012:gridnode-3").unwrap();
        assert_eq!((&*arn.region, &*arn.account, &*arn.name), ("eu-west-1", "123456789012", "gridnode-3"));
        for other in
            ["", "arn:aws:sns:eu-west-1:1:t", "arn:aws:sqs:eu-west-1:1", "arn:aws:sqs::1:q", "https://x"]
        {
            assert_eq!(QueueArn::parse(other), None, "{other}");
        }
    }
}
