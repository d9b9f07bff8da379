//! What in a document needs a person, a sentence each with what to do.

use super::StatusDocument;
use gridnode_core::node::NodePhase;

impl StatusDocument {
    /// Everything that keeps this node from being as it should be; empty is what one wants.
    #[must_use]
    pub fn concerns(&self) -> Vec<String> {
        let mut concerns = Vec::new();
        if !self.queue.ready && self.phase == NodePhase::Accepting {
            let why = self.queue.last_error.as_deref().unwrap_or("no error so far: it may only need time");
            concerns.push(format!("no commands reach this node: the queue is {} ({why})", self.queue.phase));
        }
        if self.journal_broken {
            concerns.push(
                "the journal cannot be written, so commands stay in the queue: look at the state directory's disk"
                    .to_owned(),
            );
        }
        concerns.extend(self.hindrances.iter().cloned());
        self.about_delivery(&mut concerns);
        if let Some(health) = self.health.as_ref().filter(|health| health.saturated) {
            let reason = health.reason.as_deref().unwrap_or("no reason given");
            concerns.push(format!(
                "this node is saturated ({reason}): its response times say more about the node than about the target"
            ));
        }
        for run in &self.runs {
            let Some(ledger) = &run.ledger else { continue };
            if ledger.kernel_dropped > 0 {
                concerns.push(format!(
                    "run {} of flood {}: the kernel dropped {} datagrams; raise net.core.rmem_max",
                    run.run, run.flood, ledger.kernel_dropped
                ));
            }
        }
        concerns
    }

    fn about_delivery(&self, concerns: &mut Vec<String>) {
        let delivery = &self.delivery;
        match &delivery.last_warning {
            Some(warning) => concerns.push(warning.text.clone()),
            None if delivery.drain_away => {
                concerns.push(format!("the Drain {} is away: rollups wait on disk", delivery.drain));
            }
            None => {}
        }
        if let Some(why) = delivery.traces_hindrance.as_ref().filter(|_| delivery.traces_waiting > 0) {
            concerns.push(format!("{} error traces wait for their store: {why}", delivery.traces_waiting));
        }
        let given_up = delivery.total.evicted.samples;
        if given_up > 0 {
            concerns.push(format!("{given_up} samples were given up because the spool was full"));
        }
        let aside = delivery.total.quarantined.batches + delivery.total.uncertain.batches;
        if aside > 0 {
            concerns.push(format!("the Drain refused {aside} batches: look into the spool's quarantine"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::document;
    use gridnode_core::node::NodePhase;

    #[test]
    fn a_healthy_node_gives_no_concern() {
        assert_eq!(document().concerns(), Vec::<String>::new());
    }

    #[test]
    fn each_trouble_is_a_sentence() {
        let mut sick = document();
        sick.queue.ready = false;
        sick.queue.phase = "subscribing".to_owned();
        sick.queue.last_error = Some("AccessDenied".to_owned());
        sick.journal_broken = true;
        sick.hindrances.push("no tool is installed".to_owned());
        sick.delivery.drain_away = true;
        sick.delivery.total.evicted.samples = 3;
        sick.delivery.total.uncertain.batches = 1;
        let health = sick.health.as_mut().unwrap();
        health.saturated = true;
        health.reason = Some("cpu".to_owned());
        sick.runs[0].ledger.as_mut().unwrap().kernel_dropped = 9;
        let text = sick.concerns().join("\n");
        for word in [
            "AccessDenied",
            "subscribing",
            "journal",
            "is away",
            "3 samples",
            "1 batches",
            "(cpu)",
            "9 datagrams",
        ] {
            assert!(text.contains(word), "{word}: {text}");
        }
        assert!(text.contains("no tool is installed"), "{text}");
        assert_eq!(sick.concerns().len(), 8);
    }

    #[test]
    fn traces_that_wait_need_a_person_only_where_something_keeps_them() {
        let mut node = document();
        node.delivery.traces_waiting = 7;
        assert_eq!(node.concerns(), Vec::<String>::new(), "they are on their way");
        node.delivery.traces_hindrance = Some("the bucket does not exist".to_owned());
        assert_eq!(node.concerns(), ["7 error traces wait for their store: the bucket does not exist"]);
        node.delivery.traces_waiting = 0;
        assert_eq!(node.concerns(), Vec::<String>::new(), "nothing is kept from it any more");
    }

    #[test]
    fn a_node_that_goes_away_needs_no_queue() {
        let mut leaving = document();
        leaving.queue.ready = false;
        leaving.phase = NodePhase::Stopping;
        assert_eq!(leaving.concerns(), Vec::<String>::new());
    }
}
