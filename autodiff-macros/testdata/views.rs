fn views(v: &mut [f64], n: usize) {
    let (left, right) = v.split_at_mut(n);
    for (a, b) in left.iter_mut().zip(right.iter()) {
        *a *= *b;
    }
    if let Some((first, rest)) = right.split_first_mut() {
        helper(first, rest);
    }
}
