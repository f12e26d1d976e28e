//! `make demo`: the main job, end to end, on real input, in two minutes.
//!
//! First a UnionPay sale is printed, merchant copy and customer copy, and its story told. Then a burst of
//! slips is handed in, the daemon is ended with SIGKILL while the third is half out, and started again: once
//! with the printer staying on (its late word proves the slip), once with the printer losing its power too (the
//! slip comes again, marked). What the printer's own log says came off the head is compared with what the
//! daemon had acknowledged; the program ends with 1 if a promise was broken.

mod paper;
mod verdict;

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use receiptd_api::{Client, Document, JobFilter, JobInfo, Kind, SubmitOptions};
use receiptd_system_tests::{PrinterEntry, Shop, documents};
use virtual_printer::{Config, Fault, Handle, Speed, VirtualPrinter};

/// Slips of the burst.
const BURST: usize = 8;

/// The slip during which the daemon is killed, counted from 1.
const KILLED_AT: usize = 3;

/// The longest that anything may take here; the whole demo prints about a metre and a half of paper.
const PATIENCE: Duration = Duration::from_secs(90);

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(why) => {
            eprintln!("demo: {why}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(demo()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("demo: {why}");
            ExitCode::FAILURE
        }
    }
}

fn heading(en: &str, zh: &str) {
    println!("\n== {en} · {zh}");
}

async fn demo() -> Result<bool, Box<dyn Error>> {
    let out = PathBuf::from("out/demo");
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    fs::create_dir_all(&out)?;

    heading("A virtual printer and the daemon on a private socket", "虚拟打印机与守护进程，私有套接字");
    let mut config = Config::new("epson-tm-t88vi")?;
    config.out = Some(out.clone());
    config.speed = Speed::Model;
    let printer = VirtualPrinter::start(config)?;
    let mut shop = Shop::new(&[PrinterEntry::new("counter", printer.addr())], "")?;
    shop.start()?;
    println!("printer: an Epson TM-T88VI class at {} (350 mm/s)", printer.addr());
    println!("daemon:  {} on {}", env!("CARGO_PKG_VERSION"), shop.socket().display());

    heading("A real UnionPay sale: merchant copy and customer copy", "银联消费：商户存根与持卡人存根");
    let client = shop.client().await?;
    let sale = submit(&client, "898320148160001-00000001-000123-004567", documents::UNIONPAY_SALE).await?;
    println!("accepted, on stable storage: jobs {sale:?}");
    for job in &sale {
        let record = settled(&shop, &client, *job).await?;
        tell(&shop, &record)?;
    }

    heading("kill -9 while the third slip is half out", "第三张打到一半时强杀守护进程（打印机未断电）");
    let mut jobs = sale;
    let first = Scene { first_slip: 1, printer_too: false };
    jobs.extend(burst(&mut shop, &printer, client, &first).await?);
    println!(
        "the printer stayed on and still had the rest: its late word proves the slip, nothing is printed again"
    );

    heading("The same as a power cut: terminal and printer together", "终端与打印机同时断电");
    let client = shop.client().await?;
    let second = Scene { first_slip: BURST + 1, printer_too: true };
    jobs.extend(burst(&mut shop, &printer, client, &second).await?);

    let client = shop.client().await?;
    let mut records = Vec::new();
    for job in &jobs {
        records.push(settled(&shop, &client, *job).await?);
    }
    printer.wait_for(|s| s.idle, PATIENCE)?;
    for record in records.iter().filter(|r| r.attempts > 1) {
        tell(&shop, record)?;
    }
    shop.stop()?;

    heading("What the printer's log says, against what was acknowledged", "打印机日志与受理记录核对");
    let fine = judge(&printer, &records, &out)?;
    Ok(fine)
}

/// One interruption.
struct Scene {
    /// The number of its first slip.
    first_slip: usize,
    /// Whether the printer loses its power as well.
    printer_too: bool,
}

/// Hands in a burst, kills the daemon while a slip is half out, and starts it again. Gives the jobs.
async fn burst(
    shop: &mut Shop,
    printer: &Handle,
    client: Client,
    scene: &Scene,
) -> Result<Vec<u64>, Box<dyn Error>> {
    let before = printer.snapshot().lines;
    let mut jobs = Vec::new();
    for number in scene.first_slip..scene.first_slip + BURST {
        jobs.extend(submit(&client, &format!("burst-{number}"), &slip(number)).await?);
    }
    let numbers = jobs.iter().map(u64::to_string).collect::<Vec<_>>().join(" ");
    println!("{BURST} slips accepted, on stable storage: jobs {numbers}");
    let half_out = before + (KILLED_AT as u64 - 1) * SLIP_LINES + SLIP_LINES / 2;
    let seen = printer.wait_for(|s| s.lines >= half_out, PATIENCE)?;
    shop.kill()?;
    if scene.printer_too {
        printer.fault(Fault::PowerOff);
    }
    let slip = scene.first_slip + KILLED_AT - 1;
    println!("SIGKILL at line {} of the burst: slip {slip} is half out", seen.lines - before);
    drop(client);
    if scene.printer_too {
        printer.fault(Fault::PowerOn);
    }
    shop.start()?;
    println!("started again");
    let client = shop.client().await?;
    for job in &jobs {
        settled(shop, &client, *job).await?;
    }
    printer.wait_for(|s| s.idle, PATIENCE)?;
    Ok(jobs)
}

/// Printed lines of a slip of the burst, the rest is feed and cut.
const SLIP_LINES: u64 = 24;

/// A slip of the burst: its number on each line, so that the paper shows where it stopped.
fn slip(number: usize) -> String {
    let mut lines = vec![
        format!(
            r#"{{"text":{{"text":"第 {number} 张 SLIP {number}","align":"center","bold":true,"size":"double"}}}}"#
        ),
        r#"{"rule":{"style":"single"}}"#.to_owned(),
    ];
    for line in 3..SLIP_LINES {
        lines.push(format!(
            r#"{{"columns":{{"columns":[{{"text":"SLIP {number} 商品 item {line}"}},{{"text":"{}.00","align":"right"}}]}}}}"#,
            line * 3
        ));
    }
    lines.push(format!(r#"{{"text":{{"text":"SLIP {number} END","align":"right"}}}}"#));
    format!(r#"{{"version":1,"title":"Slip {number}","lines":[{}]}}"#, lines.join(","))
}

async fn submit(client: &Client, key: &str, document: &str) -> Result<Vec<u64>, Box<dyn Error>> {
    let options = SubmitOptions::default();
    let spooler = client.spooler();
    let done = spooler.submit(key, "", Kind::Json, Document(document.as_bytes()), &options).await?;
    Ok(done.jobs.into_iter().map(|(id, _)| id).collect())
}

/// Waits for a job's outcome by signals, not by asking again and again.
async fn settled(shop: &Shop, client: &Client, job: u64) -> Result<JobInfo, Box<dyn Error>> {
    let mut changes = client.watch(&JobFilter::default()).await?;
    let work = async {
        loop {
            let record = client.spooler().get_job(job).await?;
            if record.state.is_final() && !matches!(record.cut, receiptd_api::Cut::Pending) {
                return Ok::<_, Box<dyn Error>>(record);
            }
            if changes.next().await.is_none() {
                return Err("the daemon went away".into());
            }
        }
    };
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(record) => record,
        Err(_) => Err(format!("job {job} has no outcome after {PATIENCE:?}; log:\n{}", shop.log()).into()),
    }
}

/// The story, as a technician reads it.
fn tell(shop: &Shop, record: &JobInfo) -> Result<(), Box<dyn Error>> {
    println!();
    let told = shop.receiptctl(&["job", &record.id.to_string()]).output()?;
    print!("{}", String::from_utf8_lossy(&told.stdout));
    eprint!("{}", String::from_utf8_lossy(&told.stderr));
    Ok(())
}

fn judge(printer: &Handle, records: &[JobInfo], out: &std::path::Path) -> Result<bool, Box<dyn Error>> {
    let pieces = paper::pieces(&printer.events());
    for piece in &pieces {
        println!("  {piece}");
    }
    let broken = verdict::broken_promises(records, &pieces);
    let png = out.join("paper.png");
    printer.save_png(&png)?;
    fs::write(out.join("paper.txt"), printer.paper_text())?;
    println!();
    if broken.is_empty() {
        println!(
            "everything accepted came out, in order; the interrupted one again, marked; nothing twice unmarked"
        );
        println!("已受理的全部出纸，次序不变；被中断的一张加「重打印」标记重出；无未标记的重复");
    } else {
        for promise in &broken {
            println!("BROKEN: {promise}");
        }
    }
    println!("the paper: {} (and paper.txt, log.jsonl beside it)", png.display());
    Ok(broken.is_empty())
}
