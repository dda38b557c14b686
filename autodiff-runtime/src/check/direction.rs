//! Along which directions a check looks.

use super::report::Along;

/// The basis and two random directions, or sixteen random directions if the basis is large.
pub(super) fn probes(dimension: usize, random: &mut Random) -> Vec<(Along, Vec<f64>)> {
    let (basis, randoms) = match dimension {
        0 => (0, 0),
        1 => (1, 0),
        2..=64 => (dimension, 2),
        _ => (0, 16),
    };
    let basis = (0..basis).map(|k| {
        let mut direction = vec![0.0; dimension];
        direction[k] = 1.0;
        (Along::Component(k), direction)
    });
    let randoms = (0..randoms).map(|k| (Along::Random(k), random.vector(dimension)));
    basis.chain(randoms).collect()
}

/// The `SplitMix64` generator.
///
/// The runtime depends on no generator of random numbers, and a report should not change because another crate has
/// changed its stream. Reference: Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A vector of length about one, whose components are powers of two of either sign, so that steps along it are as
    /// exact as along a basis vector.
    pub(super) fn vector(&mut self, dimension: usize) -> Vec<f64> {
        let mut unit = 1.0;
        let mut covered = 1;
        while covered < dimension {
            unit /= 2.0;
            covered *= 4;
        }
        let component = |bits: u64| {
            let size = [2.0, 1.0, 0.5, 0.25][usize::from(bits.to_le_bytes()[7] % 4)];
            if bits & 1 == 0 {
                unit * size
            } else {
                -unit * size
            }
        };
        (0..dimension).map(|_| component(self.next())).collect()
    }
}
