//! The optimiser.

/// Adam (Kingma and Ba 2015): each parameter has its own step length, from running means of its gradient and of the
/// square of that.
pub(super) struct Adam {
    rate: f64,
    steps: i32,
    /// Of each group of parameters, the two means of each parameter.
    means: Vec<Vec<(f64, f64)>>,
}

impl Adam {
    const DECAY: (f64, f64) = (0.9, 0.999);
    /// Keeps the quotient finite where a parameter has had no gradient yet.
    const EPSILON: f64 = 1e-8;

    pub(super) fn new(rate: f64) -> Self {
        Adam {
            rate,
            steps: 0,
            means: Vec::new(),
        }
    }

    /// Moves each group of parameters against its gradient. The groups must be the same ones at each step.
    pub(super) fn step<const N: usize>(&mut self, groups: [(&mut [f64], &[f64]); N]) {
        self.steps += 1;
        self.means.resize_with(N, Vec::new);
        let (first, second) = Self::DECAY;
        // The means begin at zero, which this corrects.
        let (weight1, weight2) = (1.0 - first.powi(self.steps), 1.0 - second.powi(self.steps));
        for ((parameters, gradient), means) in groups.into_iter().zip(&mut self.means) {
            means.resize(parameters.len(), (0.0, 0.0));
            for ((parameter, g), (mean, square)) in parameters.iter_mut().zip(gradient).zip(means) {
                *mean += (1.0 - first) * (g - *mean);
                *square += (1.0 - second) * (g * g - *square);
                *parameter -=
                    self.rate * (*mean / weight1) / ((*square / weight2).sqrt() + Self::EPSILON);
            }
        }
    }
}
