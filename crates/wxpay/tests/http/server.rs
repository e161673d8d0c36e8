//! A server that does as it is told, once for each connection, and remembers what it was sent.

use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

/// One thing that the server does.
#[derive(Clone)]
pub(crate) enum Act {
    /// Reads the request, all of it.
    Read,
    /// Writes this.
    Write(Vec<u8>),
    /// Writes this again and again, this many times or until the other side has gone.
    Repeat(Vec<u8>, usize),
    /// Writes this one byte at a time with this pause before each.
    Drip(Vec<u8>, Duration),
    /// Does nothing until the other side closes.
    Wait,
}

/// What happened at the server.
#[derive(Default)]
pub(crate) struct Seen {
    /// Connections accepted.
    pub(crate) connections: usize,
    /// Requests read by [`Act::Read`], head and body.
    pub(crate) requests: Vec<String>,
    /// Bytes written.
    pub(crate) written: usize,
    /// Client certificates shown, one entry a TLS connection.
    pub(crate) certified: Vec<bool>,
}

pub(crate) struct Server {
    pub(crate) port: u16,
    seen: Arc<Mutex<Seen>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Plain HTTP, or whatever `acts` write.
    pub(crate) async fn plain(acts: Vec<Act>) -> Self {
        Self::start(acts, None).await
    }

    /// The same behind TLS.
    pub(crate) async fn tls(acts: Vec<Act>, config: ServerConfig) -> Self {
        Self::start(acts, Some(TlsAcceptor::from(Arc::new(config)))).await
    }

    async fn start(acts: Vec<Act>, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let task = tokio::spawn({
            let seen = seen.clone();
            async move {
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    seen.lock().unwrap().connections += 1;
                    tokio::spawn(serve(stream, acts.clone(), tls.clone(), seen.clone()));
                }
            }
        });
        Self { port, seen, task }
    }

    pub(crate) fn http(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn https(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    pub(crate) fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.seen.lock().unwrap())
    }
}

async fn serve(stream: TcpStream, acts: Vec<Act>, tls: Option<TlsAcceptor>, seen: Arc<Mutex<Seen>>) {
    let Some(tls) = tls else { return perform(stream, acts, &seen).await };
    match tls.accept(stream).into_fallible().await {
        Ok(stream) => {
            let certified = stream.get_ref().1.peer_certificates().is_some();
            seen.lock().unwrap().certified.push(certified);
            perform(stream, acts, &seen).await;
        }
        // What the client has written by now is read before closing, or the reset would overtake the alert.
        Err((_, mut stream)) => {
            let _ = stream.shutdown().await;
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
    }
}

async fn perform(mut stream: impl AsyncRead + AsyncWrite + Unpin, acts: Vec<Act>, seen: &Mutex<Seen>) {
    for act in acts {
        let done = match act {
            Act::Read => {
                let request = read_request(&mut stream).await;
                seen.lock().unwrap().requests.push(request);
                Ok(())
            }
            Act::Write(bytes) => write(&mut stream, &bytes, seen).await,
            Act::Repeat(bytes, times) => {
                let mut done = Ok(());
                for _ in 0..times {
                    done = write(&mut stream, &bytes, seen).await;
                    if done.is_err() {
                        break;
                    }
                }
                done
            }
            Act::Drip(bytes, pause) => {
                let mut done = Ok(());
                for byte in bytes {
                    tokio::time::sleep(pause).await;
                    done = write(&mut stream, &[byte], seen).await;
                    if done.is_err() {
                        break;
                    }
                }
                done
            }
            Act::Wait => stream.read_to_end(&mut Vec::new()).await.map(drop),
        };
        if done.is_err() {
            return;
        }
    }
    let _ = stream.shutdown().await;
}

async fn write(
    stream: &mut (impl AsyncWrite + Unpin),
    bytes: &[u8],
    seen: &Mutex<Seen>,
) -> std::io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await?;
    seen.lock().unwrap().written += bytes.len();
    Ok(())
}

/// One request: its head, and as much body as its `content-length` says.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
            if bytes.len() >= head.len() + 4 + length.unwrap_or(0) {
                return text;
            }
        }
        let mut piece = [0; 4096];
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return text,
            Ok(len) => bytes.extend_from_slice(&piece[..len]),
        }
    }
}

/// A listener whose queue is full, so that the system drops whoever wants to connect. Its parts must be kept.
#[cfg(target_os = "linux")]
pub(crate) async fn full() -> (u16, impl Drop) {
    struct Kept(#[allow(dead_code)] TcpListener, #[allow(dead_code)] Vec<TcpStream>);
    impl Drop for Kept {
        fn drop(&mut self) {}
    }
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queue = Vec::new();
    // Two or three fit; the first that does not stand in time shows that the queue is full.
    while let Ok(stream) = tokio::time::timeout(Duration::from_millis(200), TcpStream::connect(address)).await
    {
        queue.push(stream.unwrap());
        assert!(queue.len() < 100, "the queue never fills");
    }
    (address.port(), Kept(listener, queue))
}
