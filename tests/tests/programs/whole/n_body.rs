//! Bodies that attract each other, by leapfrog, with a list of structs.

use crate::battery::{battery, lent};
use differentiate::{Differentiable, differentiate};

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Body {
    mass: f64,
    position: [f64; 3],
    velocity: [f64; 3],
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct World {
    bodies: Vec<Body>,
    acceleration: Vec<[f64; 3]>,
    softening: f64,
    #[no_diff]
    steps: usize,
}

impl World {
    #[differentiate(order = 2)]
    fn accelerate(&mut self) {
        for a in self.acceleration.iter_mut() {
            a.fill(0.0);
        }
        for i in 0..self.bodies.len() {
            for j in 0..i {
                let mut apart = [0.0; 3];
                let mut squared = self.softening * self.softening;
                for k in 0..3 {
                    apart[k] = self.bodies[j].position[k] - self.bodies[i].position[k];
                    squared += apart[k] * apart[k];
                }
                let cubed = squared * squared.sqrt();
                for k in 0..3 {
                    self.acceleration[i][k] += self.bodies[j].mass * apart[k] / cubed;
                    self.acceleration[j][k] -= self.bodies[i].mass * apart[k] / cubed;
                }
            }
        }
    }

    #[differentiate(order = 2)]
    fn kick(&mut self, dt: f64) {
        for (body, a) in self.bodies.iter_mut().zip(&self.acceleration) {
            for k in 0..3 {
                body.velocity[k] += dt * a[k];
            }
        }
    }

    #[differentiate(order = 2)]
    fn drift(&mut self, dt: f64) {
        for body in &mut self.bodies {
            for (x, v) in body.position.iter_mut().zip(&body.velocity) {
                *x += dt * v;
            }
        }
    }

    #[differentiate(order = 2)]
    fn energy(&self) -> f64 {
        let mut energy = 0.0;
        for (i, body) in self.bodies.iter().enumerate() {
            let [u, v, w] = body.velocity;
            energy += 0.5 * body.mass * (u * u + v * v + w * w);
            for other in &self.bodies[..i] {
                let mut squared = self.softening * self.softening;
                for (a, b) in body.position.iter().zip(&other.position) {
                    squared += (a - b) * (a - b);
                }
                energy -= body.mass * other.mass / squared.sqrt();
            }
        }
        energy
    }
}

/// Stops early if the first body leaves.
#[differentiate(order = 2)]
fn leapfrog(world: &mut World, dt: f64, steps: usize) -> f64 {
    world.accelerate();
    for _ in 0..steps {
        world.kick(0.5 * dt);
        world.drift(dt);
        world.accelerate();
        world.kick(0.5 * dt);
        world.steps += 1;
        let far = world.bodies[0].position[0].abs() > 50.0;
        if far {
            return 0.0;
        }
    }
    let first = &world.bodies[0];
    first.position[0] * first.velocity[1]
}

/// The change of the energy over a run.
#[differentiate(order = 2)]
fn drift_of_energy(bodies: &[Body], softening: f64, dt: f64) -> f64 {
    let mut world = World {
        bodies: bodies.to_vec(),
        acceleration: vec![[0.0; 3]; bodies.len()],
        softening,
        steps: 0,
    };
    let before = world.energy();
    leapfrog(&mut world, dt, 3);
    world.energy() - before
}

#[test]
fn orbits() {
    let body = |mass: f64, x: f64, v: f64| Body {
        mass,
        position: [x, 0.3 * v, -0.1],
        velocity: [0.1 * x, v, 0.05],
    };
    let bodies = || {
        vec![
            body(1.0, 0.0, 0.1),
            body(0.3, 1.0, 0.9),
            body(0.1, -1.6, -0.8),
        ]
    };
    let world = |acceleration| World {
        bodies: bodies(),
        acceleration,
        softening: 0.2,
        steps: 0,
    };
    lent!(leapfrog(w, *dt, 4), at mut w = world(vec![[5.0; 3]; 3]), dt = 0.1);
    lent!(leapfrog(w, *dt, 0), at mut w = world(vec![[0.0; 3]; 3]), dt = 0.1);
    battery!(drift_of_energy(b, *s, *dt), at b = bodies(), s = 0.3, dt = 0.2);
}
