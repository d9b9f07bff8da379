//! Whom a command is for. Every node gets every command of its topic and decides for itself: a topic cannot have a
//! filter a node.

use super::json::Json;
use super::{CommandError, fields::Fields, value};
use crate::base::ids::Ident;
use serde::Serialize;

/// Entries of one list.
const LIST_MAX: usize = 1_000;

/// The lists are ANDed, the values in one are ORed, an empty one admits all. Never all empty without `all`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Route {
    /// Every node that gets the command, said in so many words.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
    /// Grids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub grids: Vec<Ident>,
    /// Regions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<Ident>,
    /// Nodes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<Ident>,
}

/// Who this node is, as far as routing goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeAddress {
    /// Its id.
    pub node: Ident,
    /// The grid that it belongs to.
    pub grid: Option<Ident>,
    /// Where it stands.
    pub region: Option<Ident>,
}

impl Route {
    /// Whether the command is for this node. A node without a grid is in none that a list could name.
    #[must_use]
    pub fn admits(&self, node: &NodeAddress) -> bool {
        admits(&self.grids, node.grid.as_ref())
            && admits(&self.regions, node.region.as_ref())
            && admits(&self.nodes, Some(&node.node))
            && (self.all || !self.is_empty())
    }

    fn is_empty(&self) -> bool {
        self.grids.is_empty() && self.regions.is_empty() && self.nodes.is_empty()
    }

    pub(super) fn read(json: Json) -> Result<Self, CommandError> {
        let mut fields = Fields::new(json, "route", &["all", "grids", "regions", "nodes"])?;
        let route = Self {
            all: fields.optional("all", value::boolean)?.unwrap_or(false),
            grids: fields.optional("grids", idents)?.unwrap_or_default(),
            regions: fields.optional("regions", idents)?.unwrap_or_default(),
            nodes: fields.optional("nodes", idents)?.unwrap_or_default(),
        };
        let why = match (route.all, route.is_empty()) {
            (false, true) => "names nobody; name grids, regions or nodes, or say \"all\": true",
            (true, false) => "says \"all\" and names some; leave one of them out",
            _ => return Ok(route),
        };
        Err(CommandError::Value { at: "route".to_owned(), why: why.to_owned() })
    }
}

fn admits(list: &[Ident], own: Option<&Ident>) -> bool {
    list.is_empty() || own.is_some_and(|own| list.contains(own))
}

fn idents(json: Json) -> Result<Vec<Ident>, String> {
    value::list(LIST_MAX)(json)?.into_iter().map(value::ident).collect()
}
