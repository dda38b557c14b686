fn list(x: f64) -> f64 {
    let mut items = vec![x, x * x];
    items.push(x.sin());
    items.swap(0, 2);
    let last = items.pop().unwrap();
    items.truncate(1);
    last * items[0]
}
