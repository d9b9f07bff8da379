//! A Drain that answers before it has read the body, and then resets the connection.

use super::*;

/// Reads some of each request, answers, and closes with the rest unread: the kernel makes that a reset.
async fn early(status: u16, read_bytes: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            drop(stream.read_exact(&mut vec![0; read_bytes]).await);
            drop(stream.write_all(&response(status, "", "too much")).await);
        }
    });
    addr
}

/// Beyond what the kernel's buffers take at once, unlike a batch: so they need not be made small.
fn large(bytes: u32, wary: bool) -> Posting {
    let body: Vec<u8> = (0..bytes).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let batch = BatchId { incarnation: 1, number: 1, writer: 0 };
    Posting {
        batch,
        run: "7.1".into(),
        path: String::new(),
        points: 1,
        samples: 1,
        checksum: None,
        wary,
        body: Some(body.into()),
    }
}

/// Who is not wary hears it or not, as it happens; nothing else may come of it.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_before_the_body_was_read_is_heard_by_who_is_wary() {
    for (status, read_bytes) in [(413, 100), (400, 100), (401, 100), (413, 300 << 10)] {
        let client = client(&format!("http://{}", early(status, read_bytes).await));
        for _ in 0..3 {
            let posted = client.post(Path::new("/"), &large(16 << 20, true)).await;
            let heard = matches!(&posted, Posted::Answer(Answer::Http(answer)) if answer.status == status);
            assert!(heard, "{status} after {read_bytes} bytes: {posted:?}");
            let posted = client.post(Path::new("/"), &large(16 << 20, false)).await;
            let expected = match &posted {
                Posted::Answer(Answer::Http(answer)) => answer.status == status,
                Posted::Answer(Answer::Transport(kind)) => *kind == TransportKind::Broken,
                _ => false,
            };
            assert!(expected, "{status}: {posted:?}");
        }
    }
}

#[tokio::test]
async fn what_is_sent_warily_is_the_same_request() {
    let drain = FakeDrain::start(vec![response(204, "", "")]).await;
    let client = client(&format!("http://{}", drain.addr));
    for wary in [false, true] {
        let posted = client.post(Path::new("/"), &large(200_000, wary)).await;
        assert!(
            matches!(&posted, Posted::Answer(Answer::Http(answer)) if answer.status == 204),
            "{posted:?}"
        );
    }
    let requests = drain.requests();
    let fields = |at: usize| {
        let mut fields: Vec<String> = requests[at].head.lines().map(str::to_ascii_lowercase).collect();
        fields.sort_unstable();
        fields
    };
    assert_eq!(fields(0), fields(1));
    assert!(requests[0].body == requests[1].body && requests[0].body.len() == 200_000);
}
