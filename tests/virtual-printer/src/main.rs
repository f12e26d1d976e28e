//! `virtual-printer`: the printer as a program, and its two helpers `render` and `ctl`.
//!
//! Only the command line is here; the printer is the library. Exit codes: 0 done, 1 failed (the message says
//! what), 2 wrong usage.

use clap::{Args, Parser, Subcommand};
use serde_json::{Map, Value, json};
use signal_hook::consts::{SIGINT, SIGTERM};
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use virtual_printer::{Config, Error, Fault, Model, Speed, Trigger, VirtualPrinter, render};

mod usb_args;

/// An ESC/POS receipt printer in software, on TCP or USB.
///
/// Send receipts to it as to a network printer on port 9100; look at paper.png, paper.txt and log.jsonl in
/// the output directory.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Sub>,
    #[command(flatten)]
    run: Run,
}

#[derive(Debug, Subcommand)]
enum Sub {
    /// Draw a file of raw ESC/POS bytes, without a printer.
    Render {
        /// The bytes ("-" = standard input).
        file: PathBuf,
        /// The model.
        #[arg(short, long, default_value = "epson-tm-t88vi")]
        model: String,
        /// The picture.
        #[arg(short, long, default_value = "paper.png")]
        out: PathBuf,
        /// Print the text of the paper on standard output.
        #[arg(long)]
        text: bool,
        /// Font file with Hanzi.
        #[arg(long)]
        font: Option<PathBuf>,
    },
    /// Send one command to the control socket of a running printer.
    ///
    /// A fault as in scripts (paper_end, load_paper 2000, cover_open, power_off, mute on, ...), one with a trigger (when
    /// line=12 do=paper_end after_ms=500), or status,
    /// text, save, quit, log [SINCE], wait KEY=VALUE... (lines, cuts, process_ids, bytes, connections, idle,
    /// online, timeout_ms), or a JSON object.
    Ctl {
        /// The control socket.
        socket: PathBuf,
        /// The command and its arguments.
        #[arg(required = true)]
        words: Vec<String>,
    },
}

#[derive(Debug, Args)]
struct Run {
    /// The model; --list-models shows them.
    #[arg(short, long, default_value = "epson-tm-t88vi")]
    model: String,
    /// Where to listen; port 0 takes a free one.
    #[arg(short, long, default_value = "127.0.0.1:9100")]
    listen: SocketAddr,
    #[command(flatten)]
    usb: usb_args::UsbArgs,
    /// Write the address to this file when listening.
    #[arg(long)]
    addr_file: Option<PathBuf>,
    /// Directory for paper.png, paper.txt and log.jsonl.
    #[arg(short, long)]
    out: Option<PathBuf>,
    /// Unix socket for control commands.
    #[arg(short, long)]
    control: Option<PathBuf>,
    /// Faults by script, TOML or JSON lines.
    #[arg(short, long)]
    script: Option<PathBuf>,
    /// mm/s, "max" for no waiting at all, "model" for the model's own.
    #[arg(long, default_value = "model")]
    speed: Speed,
    /// Length of the roll in mm, "inf" for an endless one.
    #[arg(long)]
    roll: Option<f64>,
    /// A word on the paper that starts with this names the job in the log.
    #[arg(long, value_name = "PREFIX")]
    job_marker: Option<String>,
    /// Go on with the log and paper of a former run in the same directory.
    #[arg(long)]
    append: bool,
    /// Do not draw or keep paper.
    #[arg(long)]
    no_paper: bool,
    /// Do not keep a log.
    #[arg(long)]
    no_log: bool,
    /// Events kept in memory for the control socket.
    #[arg(long, default_value_t = 10_000)]
    log_memory: usize,
    /// Paper kept in memory, mm; older paper goes to numbered pictures.
    #[arg(long, default_value_t = 10_000.0)]
    canvas: f64,
    /// Font file with Hanzi.
    #[arg(long)]
    font: Option<PathBuf>,
    /// List the models and end.
    #[arg(long)]
    list_models: bool,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        Some(Sub::Render { file, model, out, text, font }) => draw(&file, &model, &out, text, font),
        Some(Sub::Ctl { socket, words }) => ctl(&socket, &words),
        None if cli.run.list_models => list(),
        None => run(cli.run),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Usage(e)) => {
            eprintln!("virtual-printer: {e}");
            ExitCode::from(2)
        }
        Err(Failure::Runtime(e)) => {
            eprintln!("virtual-printer: {e}");
            ExitCode::from(1)
        }
    }
}

enum Failure {
    Usage(String),
    Runtime(String),
}

impl From<Error> for Failure {
    fn from(e: Error) -> Self {
        match e {
            Error::UnknownModel { .. } | Error::Script(_) => Failure::Usage(e.to_string()),
            _ => Failure::Runtime(e.to_string()),
        }
    }
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> Failure {
    move |e| Failure::Runtime(format!("{}: {e}", path.display()))
}

fn run(args: Run) -> Result<(), Failure> {
    let mut config = Config::new(&args.model)?;
    if let Some(path) = &args.script {
        config.script = Trigger::parse_script(&std::fs::read_to_string(path).map_err(at(path))?)?;
    }
    config.listen = args.listen;
    config.usb = args.usb.config().map_err(Failure::Usage)?;
    let on_usb = config.usb.is_some();
    config.speed = args.speed;
    config.roll_mm = args.roll;
    config.append = args.append;
    config.keep_paper = !args.no_paper;
    config.keep_log = !args.no_log;
    config.log_limit = args.log_memory;
    config.canvas_mm = args.canvas;
    config.job_marker = args.job_marker;
    config.font = args.font;
    config.control = args.control;
    config.out = args.out;
    if config.roll_mm.is_some_and(|mm| mm.is_nan() || mm < 0.0) {
        return Err(Failure::Usage("--roll needs a length in mm".into()));
    }
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])
        .map_err(|e| Failure::Runtime(format!("signals: {e}")))?;
    let handle = VirtualPrinter::start(config)?;
    let quit = handle.quitter();
    std::thread::spawn(move || {
        signals.forever().next();
        quit();
    });
    let addr = handle.addr();
    if let Some(path) = &args.addr_file {
        // Whoever waits for the file must never read half an address.
        let temporary = path.with_extension("tmp");
        std::fs::write(&temporary, format!("{addr}\n")).map_err(at(&temporary))?;
        std::fs::rename(&temporary, path).map_err(at(path))?;
    }
    // Nobody reading standard output is no reason not to print receipts.
    let _ = if on_usb {
        writeln!(std::io::stdout(), "plugged in")
    } else {
        writeln!(std::io::stdout(), "listening {addr}")
    };
    if let Some(warning) = handle.snapshot().font_warning {
        eprintln!("virtual-printer: {warning}");
    }
    handle.wait_quit();
    handle.save()?;
    let snapshot = handle.snapshot();
    if let Some(error) = snapshot.log_error {
        return Err(Failure::Runtime(format!("the log or paper is incomplete: {error}")));
    }
    Ok(())
}

fn list() -> Result<(), Failure> {
    let mut out = std::io::stdout();
    for m in Model::all()? {
        let cutter = if m.has_cutter() { "cutter" } else { "no cutter" };
        let line = format!(
            "{:<20} {} dots, {} mm/s, {} KiB buffer, {cutter}\n{:<20} {}\n",
            m.name,
            m.dots,
            m.speed_mm_s,
            m.buffer_bytes / 1024,
            "",
            m.about
        );
        out.write_all(line.as_bytes()).map_err(|e| Failure::Runtime(e.to_string()))?;
    }
    Ok(())
}

fn draw(file: &Path, model: &str, out: &Path, text: bool, font: Option<PathBuf>) -> Result<(), Failure> {
    let model = Model::named(model)?;
    let bytes = if file == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin(), &mut bytes).map(|_| bytes)
    } else {
        std::fs::read(file)
    }
    .map_err(at(file))?;
    let rendered = render(&model, &bytes, font)?;
    for warning in &rendered.warnings {
        eprintln!("virtual-printer: {warning}");
    }
    rendered.save_png(out)?;
    if text {
        std::io::stdout()
            .write_all(rendered.text().as_bytes())
            .map_err(|e| Failure::Runtime(e.to_string()))?;
    }
    Ok(())
}

fn ctl(socket: &Path, words: &[String]) -> Result<(), Failure> {
    let command = command(words)?;
    let mut stream = UnixStream::connect(socket).map_err(at(socket))?;
    writeln!(stream, "{command}").map_err(at(socket))?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).map_err(at(socket))?;
    let _ = std::io::stdout().write_all(answer.as_bytes());
    let value: Value = serde_json::from_str(&answer)
        .map_err(|_| Failure::Runtime("the printer ended without an answer".into()))?;
    match value.get("ok").and_then(Value::as_bool) {
        Some(true) => Ok(()),
        _ => Err(Failure::Runtime(value.get("error").and_then(Value::as_str).unwrap_or("failed").into())),
    }
}

/// Words to the JSON the control socket takes.
fn command(words: &[String]) -> Result<Value, Failure> {
    let first = words.first().map(String::as_str).unwrap_or_default();
    let number = |text: &str| {
        serde_json::from_str::<Value>(text)
            .map_err(|_| Failure::Usage(format!("{text:?}: number or true/false expected")))
    };
    match first {
        _ if first.starts_with('{') => {
            serde_json::from_str(&words.join(" ")).map_err(|e| Failure::Usage(format!("JSON: {e}")))
        }
        "status" | "text" | "save" | "quit" => Ok(json!({"cmd": first})),
        "log" => match words.get(1) {
            None => Ok(json!({"cmd": "log"})),
            Some(since) => Ok(json!({"cmd": "log", "since": number(since)?})),
        },
        "when" => {
            let mut map = Map::new();
            map.insert("cmd".into(), "when".into());
            for word in &words[1..] {
                match word.split_once('=') {
                    Some(("do", fault)) => map.insert("do".into(), fault.into()),
                    Some((key, value)) => map.insert(key.into(), number(value)?),
                    None => return Err(Failure::Usage(format!("{word:?}: KEY=VALUE expected"))),
                };
            }
            Ok(Value::Object(map))
        }
        "wait" => {
            let mut map = Map::new();
            map.insert("cmd".into(), "wait".into());
            for word in &words[1..] {
                let (key, value) = word.split_once('=').unwrap_or((word, "true"));
                map.insert(key.into(), number(value)?);
            }
            Ok(Value::Object(map))
        }
        _ => {
            let fault: Fault = words.join(" ").parse()?;
            serde_json::to_value(fault).map_err(|e| Failure::Usage(e.to_string()))
        }
    }
}
