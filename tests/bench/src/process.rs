//! What the kernel says of a process: memory that is its own share, and how often its threads woke.

use std::collections::BTreeMap;
use std::fs;

use crate::Fallible;

/// Proportional set size in MB (10^6 bytes), all mappings.
///
/// # Errors
/// The process is gone.
pub fn pss_mb(pid: u32) -> Fallible<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:")).ok_or("no Pss")?;
    let kb: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kb * 1024.0 / 1e6)
}

/// A thread's name and its voluntary switches: how often it slept and was woken.
pub type Switches = BTreeMap<u32, (String, u64)>;

/// All threads of a process.
///
/// # Errors
/// The process is gone.
pub fn switches(pid: u32) -> Fallible<Switches> {
    let mut all = Switches::new();
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let path = task?.path();
        // A thread may end while it is looked at.
        let Ok(status) = fs::read_to_string(path.join("status")) else { continue };
        let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let tid = field("Pid:").and_then(|n| n.parse().ok());
        let count = field("voluntary_ctxt_switches:").and_then(|n| n.parse().ok());
        if let (Some(tid), Some(count)) = (tid, count) {
            all.insert(tid, (field("Name:").unwrap_or_default().to_owned(), count));
        }
    }
    Ok(all)
}

/// Switches between two looks, by thread name.
pub fn woken(before: &Switches, after: &Switches) -> BTreeMap<String, u64> {
    let mut by_name = BTreeMap::new();
    for (tid, (name, count)) in after {
        let earlier = before.get(tid).map_or(0, |(_, count)| *count);
        *by_name.entry(name.clone()).or_default() += count.saturating_sub(earlier);
    }
    by_name
}

/// CPU time of a process's living threads, user and system, in seconds: what the scheduler counted, not the
/// samples of the clock tick.
///
/// # Errors
/// The process is gone.
pub fn cpu_seconds(pid: u32) -> Fallible<f64> {
    let mut nanos = 0.0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end while it is looked at.
        let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else { continue };
        nanos += text.split_whitespace().next().and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0);
    }
    Ok(nanos / 1e9)
}

/// The machine in a few lines.
pub fn machine() -> Vec<String> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default().trim().to_owned();
    let info = read("/proc/cpuinfo");
    let cpu = info.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    vec![
        format!(
            "Linux {}, {cores} x {}",
            read("/proc/sys/kernel/osrelease"),
            cpu.trim_start_matches([' ', '\t', ':'])
        ),
        format!("load {}; spools in {}", read("/proc/loadavg"), std::env::temp_dir().display()),
    ]
}
