//! What must hold, and when.

use super::drain::Drain;
use gridnode_core::base::run::RunName;
use gridnode_core::outbound::Outbound;
use std::collections::BTreeMap;

/// At any time: one account each, and never more delivered than the Drain holds.
pub fn always(outbound: &Outbound, drain: &Drain) -> Result<(), String> {
    for (run, saved) in outbound.accounts() {
        let account = saved.account;
        if !account.balance() {
            return Err(format!("{run} does not balance: {account:?}"));
        }
        let known = saved.accounted_for();
        if saved.aggregated < known {
            return Err(format!("{run}: {} counted, {known} accounted for: {saved:?}", saved.aggregated));
        }
        let stored = drain.samples(&run.0);
        if account.delivered.samples > stored {
            return Err(format!("{run}: {} delivered, the Drain holds {stored}", account.delivered.samples));
        }
    }
    Ok(())
}

/// When all faults have ended and all was flushed. `generated` was handed in, `told` had been told before the last crash.
pub fn at_the_end(
    outbound: &Outbound,
    drain: &Drain,
    generated: &BTreeMap<RunName, u64>,
    crashed: bool,
) -> Result<(), String> {
    for (run, generated) in generated {
        let saved = outbound.account(run);
        let account = saved.account;
        let stored = drain.samples(&run.0);
        let wrong =
            |what: &str| Err(format!("{run}: {what}: generated {generated}, stored {stored}, {saved:?}"));
        let elsewhere = account.gone_samples() - account.delivered.samples + saved.lost_restart;
        if account.spooled.samples > 0 {
            return wrong("something is still spooled");
        }
        if account.delivered.samples + elsewhere != saved.aggregated {
            return wrong("the account does not add up");
        }
        if saved.aggregated > *generated {
            return wrong("more is accounted for than there was");
        }
        if !crashed && saved.aggregated != *generated {
            return wrong("without a crash, all is accounted for");
        }
        if !crashed && elsewhere == 0 && stored != *generated {
            return wrong("something is lost");
        }
        if stored > account.delivered.samples + elsewhere + (generated - saved.aggregated) {
            return wrong("the Drain holds what no account knows of");
        }
        if generated - stored.min(*generated) > elsewhere + (generated - saved.aggregated) {
            return wrong("more is lost than is said");
        }
    }
    Ok(())
}
