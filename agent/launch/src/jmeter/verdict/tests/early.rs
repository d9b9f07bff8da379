//! What ends before its time.

use super::*;

/// What an early end of the named run of real JMeter's is: of the run's verdict, and of its doubts.
fn ended(log: &str, planned: &Planned) -> (Option<String>, Vec<String>) {
    let asked = Asked { planned, sent: &|_| Some(0), absent: &[] };
    let scan = scan(log);
    let reason = match super::super::judge(&FINE, &scan, &asked) {
        Verdict::Failed { reason } => Some(reason),
        _ => None,
    };
    (reason, doubts(&FINE, &scan, &asked))
}

#[test]
fn what_an_error_ends_has_failed_whoever_set_the_length() {
    let users = include_str!("../../../../tests/data/jmeter-logs/users-stop-on-error.log");
    let test = include_str!("../../../../tests/data/jmeter-logs/test-stops-on-error.log");
    let endless = Planned { is_endless: true, ..ANY };
    for planned in [ANY, Planned { length_s: Some(20), ..ANY }, endless] {
        let (reason, doubts) = ended(users, &planned);
        assert!(reason.is_some_and(|reason| {
            reason.starts_with("4 of 5 users stopped before their time: a failed sample")
        }));
        assert_eq!(doubts, Vec::<String>::new());
        assert!(ended(test, &planned).0.is_some(), "{planned:?}");
    }
    let of_plan = ended(test, &Planned { length_s: Some(20), ..ANY }).0.unwrap_or_default();
    assert!(
        of_plan.starts_with(
            "the plan ended itself after 0 of 20 s that its thread groups have: a failed sample"
        ),
        "{of_plan}"
    );
    let stopped = RunFacts { stop_asked: true, ..FINE };
    let asked = Asked { planned: &ANY, sent: &|_| Some(0), absent: &[] };
    assert_eq!(super::super::judge(&stopped, &scan(users), &asked), Verdict::Stopped);
}

#[test]
fn what_the_plan_ends_by_itself_is_short_only_of_what_was_asked_for() {
    let flow = include_str!("../../../../tests/data/jmeter-logs/flow-control.log");
    let users = include_str!("../../../../tests/data/jmeter-logs/users-stop.log");
    let csv = include_str!("../../../../tests/data/jmeter-logs/csv-end.log");
    let script = include_str!("../../../../tests/data/jmeter-logs/script-stops.log");
    let own = Planned { length_s: Some(20), ..ANY };
    let asked = Planned { is_asked: true, ..own.clone() };
    let endless = Planned { is_endless: true, ..ANY };
    for (log, why) in [
        (flow, "the Flow Control Action `stop`"),
        (users, "the Flow Control Action `stop`"),
        (csv, "End of file:users.csv"),
        (script, "a Flow Control Action, a Result Status Action Handler, a script, or"),
    ] {
        let (reason, doubts) = ended(log, &asked);
        let reason = reason.unwrap_or_default();
        assert!(
            reason.starts_with("the plan ended itself after ")
                && reason.contains(" of 20 s: ")
                && reason.contains(why),
            "{reason}"
        );
        assert_eq!(doubts, Vec::<String>::new());
        let (reason, doubts) = ended(log, &own);
        assert!(
            reason.is_none() && doubts[0].contains("of 20 s that its thread groups have: "),
            "{reason:?} {doubts:?}"
        );
        let (reason, doubts) = ended(log, &ANY);
        assert!(
            reason.is_none() && doubts[0].contains("before its loops were done"),
            "{reason:?} {doubts:?}"
        );
        assert_eq!(ended(log, &endless), (None, vec![]), "that is how it ends");
        // It had nearly its time.
        assert_eq!(ended(log, &Planned { length_s: Some(1), ..asked.clone() }), (None, vec![]));
    }
}

#[test]
fn who_was_stopped_with_nothing_left_to_do_was_not_early() {
    let log = include_str!("../../../../tests/data/jmeter-logs/last-sample-stops.log");
    assert_eq!(ended(log, &ANY), (None, vec![]));
    // Of a loop before the last: JMeter has found another sample, and begun the loop that it is in.
    let lines = log.lines().filter(|line| !line.contains("Thread is done"));
    let cut: String = lines.map(|line| format!("{}\n", line.replace("whole", "cut"))).collect();
    // In the last one, within a transaction.
    let within: String =
        log.lines().filter(|line| !line.contains("Thread is done")).map(|line| format!("{line}\n")).collect();
    assert_eq!(ended(&within, &ANY), (None, vec![]));
    let reason = ended(&cut, &ANY).0.unwrap_or_default();
    assert!(reason.contains("a failed sample"), "{reason}");
}

#[test]
fn a_last_sample_that_fails_may_stop_others_that_had_more_to_do() {
    let log = include_str!("../../../../tests/data/jmeter-logs/last-sample-stops-others.log");
    let reason = ended(log, &ANY).0.unwrap_or_default();
    assert!(reason.contains("before its loops were done: a failed sample stopped it"), "{reason}");
}

#[test]
fn who_is_stopped_by_a_handler_of_failed_samples_is_so_by_one() {
    let log = include_str!("../../../../tests/data/jmeter-logs/handler-stops.log");
    let reason = ended(log, &ANY).0.unwrap_or_default();
    assert!(
        reason.starts_with("the plan ended itself") && reason.contains("a failed sample stopped it"),
        "{reason}"
    );
    let lines = log.lines().filter(|line| !line.contains("StoppedByFailure"));
    let unsaid: String = lines.map(|line| format!("{line}\n")).collect();
    assert_eq!(ended(&unsaid, &ANY).0, None, "a script may have done it");
}

#[test]
fn who_breaks_its_own_loop_has_not_done_its_loops() {
    let log = include_str!("../../../../tests/data/jmeter-logs/loop-broken.log");
    let (reason, doubts) = ended(log, &ANY);
    assert!(
        reason.is_none()
            && doubts[0].contains("before its loops were done: the Flow Control Action `goto next`"),
        "{reason:?} {doubts:?}"
    );
    let asked = Planned { is_asked: true, ..ANY };
    assert!(ended(log, &asked).0.is_some());
    let endless = include_str!("../../../../tests/data/jmeter-logs/endless-loop-broken.log");
    assert_eq!(ended(endless, &Planned { is_endless: true, ..ANY }), (None, vec![]));
    let timed = Planned { length_s: Some(15), ..ANY };
    assert!(ended(endless, &timed).1[0].contains("of 15 s that its thread groups have"));
}

#[test]
fn groups_of_a_number_are_told_apart_by_their_phase() {
    let log = "2026-11-29 00:00:00,000 INFO o.a.j.e.StandardJMeterEngine: Running the test!\n\
        2026-11-29 00:00:00,001 INFO o.a.j.e.StandardJMeterEngine: Starting setUp ThreadGroup: 1 : up\n\
        2026-11-29 00:00:00,001 INFO o.a.j.t.ThreadGroup: Starting thread group... number=1 threads=1 ramp-up=0 x=y\n\
        2026-11-29 00:00:00,002 INFO o.a.j.t.JMeterThread: Thread started: up 1-1\n\
        2026-11-29 00:00:00,003 INFO o.a.j.t.JMeterThread: Thread is done: up 1-1\n\
        2026-11-29 00:00:00,004 INFO o.a.j.e.StandardJMeterEngine: Starting ThreadGroup: 1 : users\n\
        2026-11-29 00:00:00,005 INFO o.a.j.e.StandardJMeterEngine: Thread will stop on error\n\
        2026-11-29 00:00:00,005 INFO o.a.j.t.ThreadGroup: Starting thread group... number=1 threads=2 ramp-up=0 x=y\n\
        2026-11-29 00:00:00,006 INFO o.a.j.t.JMeterThread: Thread started: users 1-1\n\
        2026-11-29 00:00:00,006 INFO o.a.j.t.JMeterThread: Thread started: users 1-2\n\
        2026-11-29 00:00:00,007 INFO o.a.j.t.JMeterThread: Stop Thread detected by thread: users 1-1\n\
        2026-11-29 00:00:01,007 INFO o.a.j.t.JMeterThread: Thread is done: users 1-2\n\
        2026-11-29 00:00:01,500 INFO o.a.j.e.StandardJMeterEngine: Notifying test listeners of end of test\n";
    let reason = ended(log, &ANY).0.unwrap_or_default();
    assert!(reason.starts_with("1 of 3 users stopped before their time: a failed sample"), "{reason}");
}

#[test]
fn who_is_told_twice_counts_once_and_who_is_done_not_at_all() {
    let log = |last: &str| {
        format!(
            "2026-11-28 23:59:58,000 INFO o.a.j.e.StandardJMeterEngine: Running the test!\n\
             2026-11-28 23:59:58,001 INFO o.a.j.t.ThreadGroup: Starting thread group... number=1 threads=2 ramp-up=0 x=y\n\
             2026-11-28 23:59:58,002 INFO o.a.j.t.JMeterThread: Thread started: users 1-1\n\
             2026-11-28 23:59:58,002 INFO o.a.j.t.JMeterThread: Thread started: users 1-2\n\
             2026-11-29 00:00:00,001 INFO o.a.j.t.JMeterThread: Stopping: users 1-1\n\
             2026-11-29 00:00:00,002 INFO o.a.j.t.JMeterThread: Stopping: users 1-1\n\
             2026-11-29 00:00:01,001 INFO o.a.j.t.JMeterThread: {last}: users 1-2\n\
             2026-11-29 00:00:01,002 INFO o.a.j.t.JMeterThread: Stopping: users 1-2\n\
             2026-11-29 00:00:01,500 INFO o.a.j.e.StandardJMeterEngine: Notifying test listeners of end of test\n"
        )
    };
    let planned = Planned { length_s: Some(30), is_asked: true, ..ANY };
    for (last, want) in [
        ("Thread is done", "1 of 2 users stopped"),
        ("Stopping because end time detected by thread", "1 of 2 users stopped"),
        ("Stop Test Now detected by thread", "the plan ended itself after 3 of 30 s"),
    ] {
        let reason = ended(&log(last), &planned).0.unwrap_or_default();
        assert!(reason.starts_with(want), "{reason}");
    }
}

#[test]
fn what_can_send_nothing_by_mistake_fails_a_run() {
    let mistaken = Planned { mistakes: vec!["Thread Group `a` sends nothing".to_owned()], ..ANY };
    assert_eq!(ended("", &mistaken).0.as_deref(), Some("Thread Group `a` sends nothing"));
    let loops = "2026-11-30 10:49:31,867 INFO i.g.j.Loops: No number of loops in a 1-1: `ten`\n";
    assert!(ended(loops, &ANY).0.is_some_and(|why| why.contains("that of the Thread Group `a` was `ten`")));
    // It was said before.
    assert_eq!(ended(loops, &mistaken).0.as_deref(), Some("Thread Group `a` sends nothing"));
}

#[test]
fn a_user_that_ends_without_a_word_is_early_where_it_had_loops_left() {
    let log = include_str!("../../../../tests/data/jmeter-logs/thread-death.log");
    let words = "1 of 3 users stopped before their time: ";
    let (reason, doubts) = ended(log, &ANY);
    assert!(reason.is_none() && doubts.len() == 1 && doubts[0].starts_with(words), "{reason:?} {doubts:?}");
    let asked = Planned { is_asked: true, ..ANY };
    assert!(ended(log, &asked).0.is_some_and(|reason| reason.starts_with(words)));
    let whole = log.replace("Loops begun: 2 of 5, cut", "Loops begun: 5 of 5, whole");
    assert_eq!(ended(&whole, &asked), (None, Vec::new()));
}

#[test]
fn who_is_ended_before_a_pause_past_its_time_was_not_early() {
    let constant = include_str!("../../../../tests/data/jmeter-logs/pause-past-end.log");
    let precise = include_str!("../../../../tests/data/jmeter-logs/precise-timer.log");
    let own = Planned { length_s: Some(20), ..ANY };
    let asked = Planned { is_asked: true, ..own.clone() };
    // JMeter says of it that it is done where the pause was before the last sampler.
    let done = constant.replace("Thread finished: users 1-2", "Thread is done: users 1-2");
    for log in [constant, &done, precise] {
        assert_eq!(ended(log, &own), (None, vec![]));
        assert_eq!(ended(log, &asked), (None, vec![]));
    }
    // Whoever was told to end was, wherever that met it.
    let told = constant.replace("Thread finished: users 1-2", "Stopping: users 1-2");
    assert!(ended(&told, &asked).0.is_some_and(|reason| reason.starts_with("1 of 2 users stopped")));
    let cut = constant.replace("delayed: users 1-1", "cut: users 1-1");
    assert!(ended(&cut, &asked).0.is_some_and(|reason| reason.starts_with("1 of 2 users stopped")));
    let others = precise.replacen("The thread is scheduled to stop in", "End of file", 1);
    assert!(ended(&others, &asked).0.is_some_and(|reason| reason.starts_with("1 of 2 users stopped")));
}

#[test]
fn a_first_pause_longer_than_the_duration_is_why_nothing_was_sent() {
    let log = include_str!("../../../../tests/data/jmeter-logs/pause-past-end.log");
    let planned = Planned { length_s: Some(4), ..ANY };
    let asked = Asked { planned: &planned, sent: &|_| Some(0), absent: &[] };
    let empty = RunFacts { samples: 0, ..FINE };
    let reason = |log: &str| match super::super::judge(&empty, &scan(log), &asked) {
        Verdict::Failed { reason } => reason,
        other => panic!("{other:?}"),
    };
    let said = reason(log);
    assert!(
        said.starts_with(
            "the plan ran and sent nothing: the first pause is longer than the duration of 4 s, "
        ),
        "{said}"
    );
    assert!(reason(&log.replace("delayed", "cut")).contains("check that its thread groups have threads"));
}

#[test]
fn users_of_a_schedule_that_an_error_stops_are_early_however_late_they_came() {
    let log = include_str!("../../../../tests/data/jmeter-logs/open-model-stops.log");
    for planned in [ANY, Planned { length_s: Some(4), ..ANY }] {
        let reason = ended(log, &planned).0.unwrap_or_default();
        assert!(reason.starts_with("20 of 20 users stopped before their time: a failed sample"), "{reason}");
    }
    // What the plan does by its own logic is less than the schedule's, and no failure; with its last sample a user has nothing
    // left.
    let by_plan = log.replace("Thread will stop on error", "Thread will continue on error");
    let (reason, doubts) = ended(&by_plan, &Planned { length_s: Some(40), is_asked: true, ..ANY });
    assert!(reason.is_none() && doubts.len() == 1, "{reason:?} {doubts:?}");
    assert!(
        doubts[0].starts_with("20 users stopped before their time, in a thread group that goes on"),
        "{doubts:?}"
    );
    let last = log.replace("Thread finished: om", "Thread is done: om");
    assert_eq!(ended(&last, &ANY), (None, vec![]));
}

#[test]
fn users_that_died_are_said_once() {
    let log = include_str!("../../../../tests/data/jmeter-logs/stack-overflow.log");
    let failed = log.replace("o.a.j.t.JMeterThread: Thread finished: g2", "x.Y: none: g2").replace(
        "o.a.j.JMeter: Uncaught exception in thread Thread[g2 2-2,5,main]",
        "o.a.j.t.JMeterThread: Test failed!",
    );
    let failed =
        format!("{failed}2026-11-29 14:37:51,000 INFO o.a.j.t.JMeterThread: Thread finished: g2 2-2\n");
    for log in [log, &failed] {
        let (reason, doubts) = ended(log, &Planned { length_s: Some(20), ..ANY });
        assert!(reason.is_some_and(|reason| reason.starts_with("a thread of the plan died (")));
        assert_eq!(doubts, Vec::<String>::new());
    }
}

#[test]
fn users_with_a_time_of_their_own_are_early_only_before_it() {
    let log = include_str!("../../../../tests/data/jmeter-logs/ultimate-stops.log");
    let words = "1 of 4 users stopped before their time: ";
    let own = Planned { length_s: Some(7), ..ANY };
    let reason = ended(log, &own).0.unwrap_or_default();
    assert!(reason.starts_with(&format!("{words}a failed sample stopped it")), "{reason}");
    let by_plan = log.replace("Thread will stop on error", "Thread will continue on error");
    let (reason, doubts) = ended(&by_plan, &own);
    assert!(reason.is_none() && doubts.len() == 1 && doubts[0].starts_with(words), "{reason:?} {doubts:?}");
    let asked = Planned { is_asked: true, ..own.clone() };
    assert!(ended(&by_plan, &asked).0.is_some_and(|reason| reason.starts_with(words)));
    // A thread that nothing was said of.
    let silent = log.replace("Stop Thread detected by thread: ult 1-2", "Thread interrupted");
    assert!(ended(&silent, &asked).0.is_some_and(|reason| reason.starts_with(words)));
    // The whole takes longer than it.
    let long = Planned { length_s: Some(60), ..own };
    let due = log.replace("Time left: 3747 of 6000", "Time left: 600 of 6000");
    assert_eq!(ended(&due, &long), (None, vec![]));
    let steps = include_str!("../../../../tests/data/jmeter-logs/ultimate-steps.log");
    for planned in [ANY, long, asked] {
        assert_eq!(ended(steps, &planned), (None, vec![]));
    }
}

#[test]
fn all_users_of_a_plug_in_are_the_whole() {
    let log = include_str!("../../../../tests/data/jmeter-logs/ultimate-stops.log");
    let all: String = log
        .lines()
        .flat_map(|line| match line.split_once("Thread finished: ult") {
            Some((head, number)) => {
                vec![format!("{head}Stop Thread detected by thread: ult{number}"), line.to_owned()]
            }
            None => vec![line.replace("delayed", "cut").replace("of 6000 ms", "of 10 ms")],
        })
        .map(|line| format!("{line}\n"))
        .collect();
    let long = Planned { length_s: Some(60), ..ANY };
    let reason = ended(&all, &long).0.unwrap_or_default();
    assert!(
        reason.starts_with("the plan ended itself after 6 of 60 s that its thread groups have: "),
        "{reason}"
    );
}

#[test]
fn a_user_in_whose_place_another_one_comes_is_a_doubt() {
    let log = include_str!("../../../../tests/data/jmeter-logs/concurrency-stops.log");
    let words =
        "1 user stopped before its time, in a thread group that goes on starting others: a failed sample";
    let asked = Planned { length_s: Some(6), is_asked: true, ..ANY };
    for planned in [&ANY, &Planned { length_s: Some(6), ..ANY }, &asked] {
        let (reason, doubts) = ended(log, planned);
        assert!(
            reason.is_none() && doubts.len() == 1 && doubts[0].starts_with(words),
            "{reason:?} {doubts:?}"
        );
    }
    // Hardly one comes to the end of its way.
    let all: String = log
        .lines()
        .map(|line| match line.split_once("Thread is done: ") {
            Some((head, name)) => format!("{head}Stop Thread detected by thread: {name}\n"),
            None => format!("{}\n", line.replace("Stopping: ", "Stop Thread detected by thread: ")),
        })
        .collect();
    assert!(
        ended(&all, &asked).0.is_some_and(|reason| reason.contains(" stopped before ")),
        "{:?}",
        ended(&all, &asked)
    );
    let two = log.replace("Thread is done: cnc-ThreadStarter 1-3", "Stopping: cnc-ThreadStarter 1-3");
    let (_, doubts) = ended(&two, &ANY);
    assert!(
        doubts[0].starts_with(
            "2 users stopped before their time, in a thread group that goes on starting others: "
        ),
        "{doubts:?}"
    );
    // What ends the test has ended all, and nobody comes.
    let test = log.replace("Stop Thread detected", "Stop Test detected");
    let reason = ended(&test, &Planned { length_s: Some(60), ..ANY }).0.unwrap_or_default();
    assert!(reason.starts_with("the plan ended itself after 6 of 60 s"), "{reason}");
    assert!(reason.contains("a failed sample"), "{reason}");
    // Had nobody come, it would have been less than was wanted.
    let alone = log.replace("i.g.j.Renewing: Others", "i.g.j.Renewing: None");
    assert!(ended(&alone, &ANY).0.is_some_and(|reason| reason.starts_with("1 of 5 users stopped")));
}

#[test]
fn a_schedule_that_is_over_before_its_users_are_done_is_said() {
    let log = include_str!("../../../../tests/data/jmeter-logs/open-model-cut.log");
    let cut = ended(log, &Planned { length_s: Some(4), ..ANY });
    let words =
        "20 of 20 users were on their way when the schedule of their Open Model Thread Group was over";
    assert!(cut.0.is_none() && cut.1.len() == 1 && cut.1[0].starts_with(words), "{cut:?}");
    // Some always are.
    let few =
        |count: &str| ended(&log.replace("there are 20 thread", &format!("there are {count} thread")), &ANY);
    assert_eq!(few("2"), (None, vec![]));
    assert_eq!(few("3").1.len(), 1);
    let asked = Asked { planned: &ANY, sent: &|_| Some(0), absent: &[] };
    let empty = RunFacts { samples: 0, ..FINE };
    let Verdict::Failed { reason } = super::super::judge(&empty, &scan(log), &asked) else { panic!() };
    assert!(
        reason.contains("the schedule of its Open Model Thread Group was over before the first pause"),
        "{reason}"
    );
}

#[test]
fn what_jmeter_takes_to_begin_is_no_time_of_the_plan() {
    let log = |told_ms: &str| {
        format!(
            "2026-11-29 00:00:00,000 INFO o.a.j.e.StandardJMeterEngine: Running the test!\n\
            2026-11-29 00:00:03,000 INFO o.a.j.e.StandardJMeterEngine: Starting ThreadGroup: 1 : users\n\
            2026-11-29 00:00:03,000 INFO o.a.j.e.StandardJMeterEngine: Thread will stop on error\n\
            2026-11-29 00:00:03,000 INFO i.g.j.Renewing: Others come in place of those that end in the group of users 1-1\n\
            2026-11-29 00:00:03,001 INFO o.a.j.t.JMeterThread: Thread started: users 1-1\n\
            2026-11-29 00:00:03,001 INFO o.a.j.t.JMeterThread: Thread started: users 1-2\n\
            2026-11-29 00:00:03,001 INFO o.a.j.t.JMeterThread: Thread started: users 1-3\n\
            2026-11-29 00:00:0{told_ms} INFO o.a.j.t.JMeterThread: Stop Thread detected by thread: users 1-1\n\
            2026-11-29 00:00:07,999 INFO o.a.j.t.JMeterThread: Thread finished: users 1-2\n\
            2026-11-29 00:00:07,999 INFO o.a.j.t.JMeterThread: Thread finished: users 1-3\n\
            2026-11-29 00:00:08,000 INFO o.a.j.e.StandardJMeterEngine: Notifying test listeners of end of test\n"
        )
    };
    let planned = Planned { length_s: Some(4), ..ANY };
    let doubts = |told| ended(&log(told), &planned).1;
    assert!(doubts("5,900")[0].starts_with("1 user stopped before its time, in a thread group that goes on"));
    assert_eq!(doubts("6,100"), Vec::<String>::new());
}

#[test]
fn who_has_a_time_of_its_own_is_measured_by_nothing_else() {
    let log = |left_ms: u64| {
        format!(
            "2026-11-29 00:00:00,000 INFO o.a.j.e.StandardJMeterEngine: Running the test!\n\
            2026-11-29 00:00:00,000 INFO o.a.j.e.StandardJMeterEngine: Starting ThreadGroup: 1 : users\n\
            2026-11-29 00:00:00,000 INFO o.a.j.e.StandardJMeterEngine: Thread will stop on error\n\
            2026-11-29 00:00:04,000 INFO o.a.j.t.JMeterThread: Thread started: users 1-1\n\
            2026-11-29 00:00:04,000 INFO o.a.j.t.JMeterThread: Thread started: users 1-2\n\
            2026-11-29 00:00:05,000 INFO o.a.j.t.JMeterThread: Stop Thread detected by thread: users 1-1\n\
            2026-11-29 00:00:05,000 INFO i.g.j.Loops: Time left: {left_ms} of 4000 ms: users 1-1\n\
            2026-11-29 00:00:08,000 INFO o.a.j.t.JMeterThread: Stopping because end time detected by thread: users 1-2\n\
            2026-11-29 00:00:08,000 INFO o.a.j.e.StandardJMeterEngine: Notifying test listeners of end of test\n"
        )
    };
    let planned = Planned { length_s: Some(5), ..ANY };
    let reason = ended(&log(3_000), &planned).0.unwrap_or_default();
    assert!(reason.starts_with("1 of 2 users stopped before their time: a failed sample"), "{reason}");
    assert_eq!(ended(&log(300), &planned), (None, vec![]));
}

#[test]
fn an_error_that_ends_the_test_ends_users_who_have_nothing_more_to_do_then() {
    let log = |seen_s: u64| {
        format!(
            "2026-11-29 00:00:00,000 INFO o.a.j.e.StandardJMeterEngine: Running the test!\n\
            2026-11-29 00:00:00,000 INFO o.a.j.e.StandardJMeterEngine: Starting ThreadGroup: 1 : users\n\
            2026-11-29 00:00:00,000 INFO o.a.j.e.StandardJMeterEngine: Test will stop on error\n\
            2026-11-29 00:00:00,000 INFO i.g.j.Renewing: Others come in place of those that end in the group of users 1-1\n\
            2026-11-29 00:00:00,001 INFO o.a.j.t.JMeterThread: Thread started: users 1-1\n\
            2026-11-29 00:00:0{seen_s},000 INFO o.a.j.t.JMeterThread: Shutdown Test detected by thread: users 1-1\n\
            2026-11-29 00:00:0{seen_s},000 INFO o.a.j.t.JMeterThread: Thread is done: users 1-1\n\
            2026-11-29 00:00:0{seen_s},000 INFO o.a.j.e.StandardJMeterEngine: Notifying test listeners of end of test\n"
        )
    };
    let planned = Planned { length_s: Some(4), ..ANY };
    let reason = |seen_s| ended(&log(seen_s), &planned).0.unwrap_or_default();
    assert!(
        reason(1)
            .starts_with("the plan ended itself after 1 of 4 s that its thread groups have: a failed sample"),
        "{}",
        reason(1)
    );
    assert_eq!(reason(4), "");
}

#[test]
fn what_the_time_was_too_short_for_is_a_doubt_unless_the_plan_ended_itself() {
    let late = |users: u64, name: &str| {
        format!(
            "2026-11-29 10:49:31,867 INFO i.g.j.Jumps: Not reached in time by {users} users, {users} of them in a pause: {name}\n"
        )
    };
    let log = [late(2, "buy"), late(3, "pay")].concat();
    let said = |facts: &RunFacts, log: &str| {
        doubts(facts, &scan(log), &Asked { planned: &ANY, sent: &|_| Some(0), absent: &[] })
    };
    let found = said(&FINE, &log);
    assert!(
        found.len() == 2 && found[0].starts_with("`buy` was never sent: each of its 2 users"),
        "{found:?}"
    );
    let itself =
        "2026-11-29 10:49:31,800 INFO o.a.j.t.JMeterThread: Shutdown Test detected by thread: g 1-1\n";
    let found = said(&FINE, &[itself, &log].concat());
    assert!(!found.iter().any(|one| one.contains("pause")), "{found:?}");
    assert_eq!(said(&RunFacts { samples: 0, ..FINE }, &log), Vec::<String>::new());
    assert_eq!(said(&RunFacts { stop_asked: true, ..FINE }, &log), Vec::<String>::new());
}
