//! Running the program, and asking the server that it starts.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// What a run of the program left behind.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) answer: String,
    pub(crate) messages: String,
}

/// The program, with nothing of the test's own surroundings in its environment.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clearpicture"));
    command
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub(crate) fn run(arguments: &[&str]) -> Ran {
    ran(&mut program(arguments))
}

pub(crate) fn ran(command: &mut Command) -> Ran {
    let output = command.output().expect("the program starts");
    Ran {
        code: output.status.code().expect("it ends by itself"),
        answer: String::from_utf8(output.stdout).expect("text"),
        messages: String::from_utf8(output.stderr).expect("text"),
    }
}

impl Ran {
    /// The answer of a run that must have gone well.
    #[track_caller]
    pub(crate) fn done(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.answer, self.messages);
        self.answer
    }

    /// Checks that the run ended with `code` and said `words`, in words and not in code.
    #[track_caller]
    pub(crate) fn failed(self, code: i32, words: &str) {
        assert_eq!(self.code, code, "{}", self.messages);
        assert!(self.messages.contains(words), "{}", self.messages);
        assert!(!self.messages.contains("panicked"), "{}", self.messages);
    }
}

/// A data folder that goes away with the test.
pub(crate) struct Data(tempfile::TempDir);

impl Data {
    pub(crate) fn new() -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        let closed = std::fs::Permissions::from_mode(0o700);
        let made = tempfile::Builder::new().permissions(closed).tempdir();
        Self(made.expect("a folder"))
    }

    /// One that holds a demonstration.
    pub(crate) fn with_demo() -> Self {
        let data = Self::new();
        run(&[
            "demo",
            "--no-serve",
            "--size",
            "small",
            "--data",
            data.path(),
        ])
        .done();
        data
    }

    pub(crate) fn path(&self) -> &str {
        self.0.path().to_str().expect("text")
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs a command on this folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        run(&[&["--data", self.path()], arguments].concat())
    }
}

/// A running server, killed with the test.
pub(crate) struct Server {
    child: Child,
    pub(crate) lines: Vec<String>,
    address: String,
}

impl Server {
    /// Starts `serve` or `demo` on a free port and waits until it is ready.
    pub(crate) fn start(command: &str, data: &Data) -> Self {
        let mut arguments = vec![command, "--data", data.path(), "--listen", "127.0.0.1:0"];
        if command == "demo" {
            arguments.extend(["--size", "small"]);
        }
        Self::of(&mut program(&arguments))
    }

    pub(crate) fn of(command: &mut Command) -> Self {
        Self::with_messages(command, Stdio::null())
    }

    /// The same, with its log in a file.
    pub(crate) fn logging(command: &mut Command, log: &Path) -> Self {
        let log = std::fs::File::create(log).expect("made");
        Self::with_messages(command, log.into())
    }

    #[expect(
        clippy::zombie_processes,
        reason = "the process that started is waited for when it is stopped; one that did not start fails the test"
    )]
    fn with_messages(command: &mut Command, messages: Stdio) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(messages)
            .spawn()
            .expect("the program starts");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let mut lines = Vec::new();
        for line in output.lines() {
            let line = line.expect("text");
            if let Some(address) = line.strip_prefix("ready: http://") {
                let address = address.to_owned();
                return Self {
                    child,
                    lines,
                    address,
                };
            }
            lines.push(line);
        }
        panic!("the server ended before it was ready: {lines:?}");
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it at once, with no chance to finish anything.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }

    /// Asks it to stop, and gives its exit code.
    pub(crate) fn stop(mut self) -> i32 {
        let asked = Command::new("kill")
            .args(["-TERM", &self.id().to_string()])
            .status();
        assert!(asked.expect("kill runs").success());
        self.child.wait().expect("gone").code().expect("by itself")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Gone already, when the test stopped it itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer over HTTP.
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The value of a header; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut pairs = self.head.lines().filter_map(|line| line.split_once(": "));
        pairs
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map_or("", |(_, value)| value)
    }
}

/// Sends one request and reads the whole answer.
pub(crate) fn ask(address: &str, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
    let mut stream = TcpStream::connect(address).expect("connected");
    let mut request =
        format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for header in headers {
        request.push_str(header);
        request.push_str("\r\n");
    }
    if !body.is_empty() {
        request.push_str("content-type: application/x-www-form-urlencoded\r\n");
    }
    for part in [
        "content-length: ",
        &body.len().to_string(),
        "\r\n\r\n",
        body,
    ] {
        request.push_str(part);
    }
    stream.write_all(request.as_bytes()).expect("sent");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("answered");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
    Answer {
        status: head
            .get(9..12)
            .and_then(|code| code.parse().ok())
            .expect("a status"),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

pub(crate) fn get(address: &str, path: &str) -> Answer {
    ask(address, "GET", path, &[], "")
}

/// Someone at a browser: keeps the cookie, and sends back the forms' token.
pub(crate) struct Visitor<'a> {
    address: &'a str,
    cookie: String,
    token: String,
}

impl<'a> Visitor<'a> {
    pub(crate) fn at(address: &'a str) -> Self {
        Self {
            address,
            cookie: String::new(),
            token: String::new(),
        }
    }

    pub(crate) fn open(&mut self, path: &str) -> Answer {
        let answer = ask(self.address, "GET", path, &[&self.cookie()], "");
        self.keep(&answer);
        answer
    }

    pub(crate) fn send(&mut self, path: &str, fields: &str) -> Answer {
        let body = format!("{fields}&csrf_token={}", self.token);
        let answer = ask(self.address, "POST", path, &[&self.cookie()], &body);
        self.keep(&answer);
        answer
    }

    /// Signs in as `line` of a demonstration's answer says.
    pub(crate) fn sign_in(&mut self, line: &str) -> Answer {
        let secret = line.split('\t').nth(2).expect("a secret");
        self.sign_in_with(line, &code(secret))
    }

    /// The same with a code of that moment.
    pub(crate) fn sign_in_with(&mut self, line: &str, code: &str) -> Answer {
        let fields: Vec<&str> = line.trim_start_matches("sign-in: ").split('\t').collect();
        let [email, password, ..] = fields.as_slice() else {
            panic!("a line of five fields");
        };
        self.open("/sign-in");
        let email = email.replace('@', "%40");
        let sent = self.send(
            "/sign-in",
            &format!("email={email}&password={password}&next="),
        );
        assert_eq!(sent.status, 303, "{}", sent.body);
        self.open("/sign-in/code");
        self.send("/sign-in/code", &format!("code={code}&next="))
    }

    fn cookie(&self) -> String {
        format!("cookie: {}", self.cookie)
    }

    fn keep(&mut self, answer: &Answer) {
        let given = answer.header("set-cookie");
        if let Some(cookie) = given.split(';').next().filter(|one| !one.is_empty()) {
            self.cookie = cookie.to_owned();
        }
        if let Some((_, rest)) = answer.body.split_once("name=\"csrf_token\" value=\"") {
            self.token = rest.split('"').next().unwrap_or_default().to_owned();
        }
    }
}

/// The one-time code of this moment.
pub(crate) fn code(secret: &str) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).expect("base 32");
    let codes = totp_rs::Builder::new()
        .with_secret(secret)
        .with_account_name("someone")
        .with_issuer(Some("Clear Picture"))
        .build();
    codes.expect("a secret").generate_current().to_string()
}

/// The whole text of a file.
pub(crate) fn text(path: &Path) -> String {
    std::fs::read_to_string(path).expect("read")
}
