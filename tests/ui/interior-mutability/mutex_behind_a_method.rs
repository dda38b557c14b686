use differentiate::differentiate;

struct Recorder {
    values: std::sync::Mutex<Vec<f64>>,
}

impl Recorder {
    fn record(&self, value: f64) {
        self.values.lock().unwrap().push(value);
    }

    fn last(&self) -> f64 {
        *self.values.lock().unwrap().last().unwrap()
    }
}

#[differentiate]
fn loss(#[no_diff] recorder: &Recorder, x: f64) -> f64 {
    recorder.record(x * x);
    recorder.last()
}

fn main() {
    let recorder = Recorder { values: Vec::new().into() };
    println!("{:?}", loss::grad(&recorder, 2.0));
}
