//! Insertion sort of records, with what is done with the sorted list.

use crate::battery::{battery, in_place, kink};
use differentiate::{Differentiable, differentiate};

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Record {
    key: f64,
    values: Vec<f64>,
    #[no_diff]
    id: usize,
}

#[differentiate(order = 2)]
fn sort_records(records: &mut [Record]) {
    for i in 1..records.len() {
        let mut j = i;
        while j > 0 && records[j - 1].key > records[j].key {
            records.swap(j - 1, j);
            j -= 1;
        }
    }
}

#[differentiate(order = 2)]
fn shift_sort(keys: &mut [f64], values: &mut [f64]) -> usize {
    let mut moves = 0;
    for i in 1..keys.len() {
        let (key, value) = (keys[i], values[i]);
        let mut j = i;
        loop {
            if j == 0 {
                break;
            }
            if keys[j - 1] <= key {
                break;
            }
            keys[j] = keys[j - 1];
            values[j] = values[j - 1];
            j -= 1;
            moves += 1;
        }
        keys[j] = key;
        values[j] = value;
    }
    moves
}

#[differentiate(order = 2)]
fn area(keys: &[f64], values: &[f64]) -> f64 {
    let mut keys = keys.to_vec();
    let mut values = values.to_vec();
    let moves = shift_sort(&mut keys, &mut values);
    let mut total = 0.0;
    for i in 1..keys.len() {
        total += 0.5 * (values[i] + values[i - 1]) * (keys[i] - keys[i - 1]);
    }
    total * (1.0 + 0.01 * moves as f64)
}

#[differentiate(order = 2)]
fn ranked(records: &[Record]) -> f64 {
    let mut records = records.to_vec();
    sort_records(&mut records);
    let mut total = 0.0;
    for (rank, record) in records.iter().enumerate() {
        let weight = 1.0 / (rank + record.id + 1) as f64;
        for value in &record.values {
            total += weight * value * record.key;
        }
    }
    total
}

#[test]
fn sorted() {
    let keys = vec![0.3, -1.0, 2.0, 0.9, 0.1];
    let values = vec![1.0, 2.0, 0.5, -0.7, 0.4];
    battery!(area(k, v), at k = keys.clone(), v = values);
    let record = |id: usize, key: f64| Record {
        key,
        values: vec![key.sin(); id],
        id,
    };
    let records: Vec<Record> = keys
        .iter()
        .enumerate()
        .map(|(id, key)| record(id, *key))
        .collect();
    battery!(ranked(r), at r = records.clone());
    let sorted = in_place!(sort_records(r), kink at mut r = records)
        .left
        .clone();
    assert!(sorted.is_sorted_by_key(|it| it.key));
    kink!(area(k, v), at k = vec![1.0; 3], v = vec![2.0; 3]);
}
