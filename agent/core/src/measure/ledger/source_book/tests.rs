//! Gaps, repeats, second processes, and more sources than there is room for.

use super::*;

fn mark(seq: u64, samples: u64) -> LedgerMark<'static> {
    LedgerMark { tags: b"", source: b"s", seq, samples, truncated: 0, last: false }
}

/// Enters datagrams given as (seq, samples, sample lines, digest of the contents).
fn book(datagrams: &[(u64, u64, u64, u64)]) -> SourceBook {
    let mut book = SourceBook::default();
    for &(seq, samples, lines, digest) in datagrams {
        if book.check(&mark(seq, samples), digest) == Some(Verdict::Count) {
            book.enter(&mark(seq, samples), digest, lines);
        }
    }
    book
}

fn first(book: &SourceBook) -> &Source {
    book.sources().next().expect("there is one")
}

/// One datagram of a source of this name, with one sample.
fn send(book: &mut SourceBook, name: usize, last: bool) -> Option<Verdict> {
    let name = format!("jvm-{name}");
    let mark = LedgerMark { source: name.as_bytes(), last, ..mark(1, 1) };
    let verdict = book.check(&mark, 1);
    if verdict == Some(Verdict::Count) {
        book.enter(&mark, 1, 1);
    }
    verdict
}

#[test]
fn a_gap_is_loss_and_a_repeat_is_not_counted() {
    let book = book(&[(1, 10, 10, 1), (2, 20, 10, 2), (2, 20, 10, 2), (4, 40, 10, 4)]);
    let source = first(&book);
    assert_eq!((source.received, book.sent(), source.inconsistent), (30, 40, false));
}

#[test]
fn overtaking_is_fine() {
    let book = book(&[(2, 20, 10, 2), (1, 10, 10, 1), (3, 30, 10, 3)]);
    let source = first(&book);
    assert_eq!((source.received, book.sent(), source.inconsistent), (30, 30, false));
}

#[test]
fn two_processes_with_one_name_are_noticed_and_nothing_is_dropped() {
    let book = book(&[(1, 10, 10, 1), (1, 10, 10, 77), (2, 20, 10, 2), (2, 14, 4, 78)]);
    let source = first(&book);
    assert!(source.inconsistent && !book.exact());
    assert_eq!((source.received, book.sent()), (34, 34));
}

#[test]
fn a_second_process_whose_numbers_fit_is_noticed_by_the_sum() {
    // The first process lost its first datagram; the second one's looks as if it were that, only late.
    let book = book(&[(2, 20, 10, 2), (3, 30, 10, 3), (1, 15, 15, 77)]);
    assert!(first(&book).inconsistent && !book.exact());
    assert_eq!(book.sent(), 35);
}

#[test]
fn a_count_that_goes_backwards_is_noticed() {
    assert!(first(&book(&[(1, 10, 10, 1), (2, 5, 5, 2)])).inconsistent);
}

#[test]
fn those_that_have_closed_make_room_and_stay_in_the_account() {
    let mut book = SourceBook::default();
    let many = 3 * SOURCES_MAX;
    for n in 0..many {
        assert_eq!(send(&mut book, n, true), Some(Verdict::Count), "{n}");
    }
    assert_eq!((book.sent(), book.count(), book.turned_away()), (many as u64, many as u64, 0));
    assert!(book.exact() && book.all_closed());
    assert_eq!(book.sources().count(), SOURCES_MAX + 1);
    assert_eq!(first(&book).name, "512 that closed earlier");

    // Their last words come once more, from the files they have left.
    for n in 0..many {
        assert_eq!(send(&mut book, n, true), Some(Verdict::Duplicate), "{n}");
    }
    assert_eq!((book.sent(), book.count()), (many as u64, many as u64));
}

#[test]
fn those_that_are_open_do_not() {
    let mut book = SourceBook::default();
    for n in 0..SOURCES_MAX {
        let _ = send(&mut book, n, false);
    }
    assert_eq!(send(&mut book, SOURCES_MAX, true), None);
    assert!(book.turned_away() == 1 && !book.exact());
}

#[test]
fn a_second_process_with_the_name_of_one_long_closed_is_noticed_and_not_dropped() {
    let mut book = SourceBook::default();
    for n in 0..=SOURCES_MAX {
        let _ = send(&mut book, n, true);
    }
    assert!(book.exact());
    assert_eq!(send(&mut book, 0, false), Some(Verdict::Count));
    assert!(first(&book).inconsistent && !book.exact());
    assert_eq!((book.sent(), first(&book).received), (SOURCES_MAX as u64 + 2, 2));
}

fn go_on(earlier: Vec<SourceMark>, datagrams: &[(u64, u64, u64, u64)]) -> SourceBook {
    let mut book = SourceBook::resume(earlier);
    for &(seq, samples, lines, digest) in datagrams {
        if book.check(&mark(seq, samples), digest) == Some(Verdict::Count) {
            book.enter(&mark(seq, samples), digest, lines);
        }
    }
    book
}

#[test]
fn a_source_that_outlived_its_book_goes_on_where_it_was() {
    // The first book lost ten samples, and said so.
    let earlier = book(&[(1, 10, 10, 1), (3, 30, 10, 3)]);
    assert_eq!((earlier.sent(), first(&earlier).received), (30, 20));
    let after = |datagrams: &[(u64, u64, u64, u64)]| {
        let book = go_on(earlier.last_marks(), datagrams);
        let source = first(&book).clone();
        (book.sent(), source.received, source.inconsistent, book.marks()[0].samples)
    };
    assert_eq!(after(&[(4, 40, 10, 4), (5, 45, 5, 5), (5, 45, 5, 5)]), (15, 15, false, 45));
    // What was sent while nobody was there is lost.
    assert_eq!(after(&[(6, 60, 10, 6)]), (30, 10, false, 60));
    // A last word that is said again.
    assert_eq!(after(&[(3, 30, 0, 9)]), (0, 0, false, 30));
    // Another process of its name, which begins anew.
    assert_eq!(after(&[(1, 10, 10, 1), (2, 20, 10, 2)]), (20, 20, false, 20));
    assert_eq!(after(&[(1, 40, 40, 1)]), (40, 40, false, 40));
}

#[test]
fn what_was_lost_before_a_kill_is_owed_until_a_receipt_says_so() {
    let killed = book(&[(1, 10, 10, 1), (3, 30, 10, 3)]).marks();
    assert_eq!((killed[0].samples, killed[0].lost), (30, 10));
    let lost = |book: &SourceBook| book.sent() - book.sources().map(|source| source.received).sum::<u64>();
    // Whether it goes on, is another one of its name, or is not heard of again; and through another kill.
    let silent = SourceBook::resume(killed.clone());
    let once_more = SourceBook::resume(silent.marks());
    for (book, owed) in [
        (go_on(killed.clone(), &[(4, 40, 10, 4)]), 10),
        (go_on(killed.clone(), &[(5, 50, 10, 5)]), 20),
        (go_on(killed.clone(), &[(1, 10, 10, 1)]), 10),
        (go_on(go_on(killed.clone(), &[(5, 50, 10, 5)]).marks(), &[(7, 70, 10, 7)]), 30),
        (silent, 10),
        (once_more, 10),
    ] {
        assert_eq!(lost(&book), owed);
        let told: Vec<_> = book.told().iter().map(|source| source.sent - source.received).collect();
        assert_eq!((told, book.exact()), (vec![owed], false));
        assert!(book.last_marks().iter().all(|mark| mark.lost == 0));
    }
}

#[test]
fn who_is_not_heard_of_again_is_handed_on_and_counts_for_nothing() {
    let earlier = book(&[(1, 10, 10, 1)]);
    let idle = SourceBook::resume(earlier.marks());
    assert_eq!((idle.sent(), idle.count(), idle.marks()), (0, 0, earlier.marks()));
    let mut closing = SourceBook::resume(earlier.marks());
    let last = LedgerMark { last: true, ..mark(2, 10) };
    assert_eq!(closing.check(&last, 2), Some(Verdict::Count));
    closing.enter(&last, 2, 0);
    assert!(closing.exact() && closing.sent() == 0);
    // Its last word once more, after that; then it is forgotten.
    let mut again = SourceBook::resume(closing.last_marks());
    assert_eq!(again.check(&last, 3), Some(Verdict::Count));
    again.enter(&last, 3, 0);
    assert!(again.exact() && again.sent() == 0);
    assert!(SourceBook::resume(again.last_marks()).last_marks().is_empty());
}

#[test]
fn what_a_source_sent_before_there_was_room_for_it_is_not_lost() {
    let mut book = SourceBook::default();
    for n in 0..SOURCES_MAX {
        let _ = send(&mut book, n, false);
    }
    let late = |seq, samples, last| LedgerMark { source: b"late", last, ..mark(seq, samples) };
    assert_eq!(book.check(&late(1, 10, false), 1), None, "counted as nobody's");
    // One ends, and makes room.
    let _ = send(&mut book, 0, true);
    for (seq, samples, lines) in [(2, 25, 15), (4, 45, 10)] {
        assert_eq!(book.check(&late(seq, samples, false), seq), Some(Verdict::Count));
        book.enter(&late(seq, samples, false), seq, lines);
    }
    let source = book.sources().find(|source| source.name == "late").expect("it has room");
    assert_eq!((source.sent, source.received, source.inconsistent), (35, 25, false), "the third is lost");
    assert!(!book.exact());
}
