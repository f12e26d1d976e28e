//! Medians, percentiles, ranges. Nothing else is reported: means hide what a cashier waits for.

use std::time::Duration;

/// Measurements, sorted.
#[derive(Clone, Debug, Default)]
pub struct Samples(Vec<f64>);

impl Samples {
    /// From values in any order.
    pub fn new(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    /// From times, in microseconds.
    pub fn micros(times: impl IntoIterator<Item = Duration>) -> Self {
        Self::new(times.into_iter().map(|time| time.as_secs_f64() * 1e6).collect())
    }

    /// The value below which this share (0..=1) lies; 0 without values.
    pub fn at(&self, share: f64) -> f64 {
        let last = self.0.len().saturating_sub(1);
        let index = (last as f64 * share).round() as usize;
        self.0.get(index.min(last)).copied().unwrap_or(0.0)
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The median.
    pub fn p50(&self) -> f64 {
        self.at(0.5)
    }

    /// What one in a hundred exceeds.
    pub fn p99(&self) -> f64 {
        self.at(0.99)
    }

    /// Smallest and largest.
    pub fn range(&self) -> (f64, f64) {
        (self.at(0.0), self.at(1.0))
    }

    /// `median (smallest-largest)`.
    pub fn spread(&self) -> String {
        let (low, high) = self.range();
        format!("{} ({}-{})", short(self.p50()), short(low), short(high))
    }
}

/// A number with about three digits.
pub fn short(value: f64) -> String {
    let digits = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        _ => 2,
    };
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_of_a_hundred_and_one_values_are_the_values() {
        let samples = Samples::new((0..=100).rev().map(f64::from).collect());
        assert_eq!((samples.p50(), samples.p99(), samples.range()), (50.0, 99.0, (0.0, 100.0)));
        assert_eq!(Samples::default().p50(), 0.0);
    }
}
