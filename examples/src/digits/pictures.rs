//! The pictures, as SVG.

use std::error::Error;

use plotters::prelude::*;

use super::History;
use super::data::{Digits, SIDE};

/// The loss of each batch, its mean over each epoch, and the loss of the samples held back after each epoch.
pub(super) fn loss(history: &History) -> Result<String, Box<dyn Error>> {
    let epochs = history.held_back.len();
    let per_epoch = history.batches.len() / epochs;
    let means: Vec<f64> = history
        .batches
        .chunks(per_epoch)
        .map(|losses| losses.iter().sum::<f64>() / per_epoch as f64)
        .collect();
    let curve = |losses: &[f64], first: f64, step: f64| -> Vec<(f64, f64)> {
        let epoch = |k: usize| first + k as f64 * step;
        losses
            .iter()
            .enumerate()
            .map(|(k, loss)| (epoch(k), *loss))
            .collect()
    };
    let step = 1.0 / per_epoch as f64;
    let batches = curve(&history.batches, step / 2.0, step);
    let means = curve(&means, 0.5, 1.0);
    let held_back = curve(&history.held_back, 1.0, 1.0);
    let all = || history.batches.iter().chain(&history.held_back).copied();
    let range = all().fold(f64::INFINITY, f64::min)..all().fold(0.0, f64::max);

    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (800, 500)).into_drawing_area();
        area.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&area)
            .caption("Cross-entropy while learning", ("sans-serif", 22))
            .margin(15)
            .x_label_area_size(45)
            .y_label_area_size(65)
            .build_cartesian_2d(0.0..epochs as f64, range.log_scale())?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .x_desc("epoch")
            .y_desc("mean loss (logarithmic)")
            .x_label_formatter(&f64::to_string)
            .y_label_formatter(&f64::to_string)
            .label_style(("sans-serif", 15))
            .draw()?;
        for (name, style, points) in [
            (
                "training: each batch",
                BLUE.mix(0.25).stroke_width(1),
                batches,
            ),
            ("training: mean of the epoch", BLUE.stroke_width(3), means),
            ("held back", RED.stroke_width(3), held_back),
        ] {
            chart
                .draw_series(LineSeries::new(points, style))?
                .label(name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 25, y)], style));
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperRight)
            .background_style(WHITE)
            .border_style(BLACK.mix(0.3))
            .label_font(("sans-serif", 15))
            .draw()?;
        area.present()?;
    }
    Ok(svg)
}

const COLUMNS: usize = 10;
const ROWS: usize = 5;

/// Some digits, with what was read below each: those misread first, then those that come first.
pub(super) fn readings(digits: &Digits, read: &[usize]) -> Result<String, Box<dyn Error>> {
    let correct = |k: usize| read[k] == digits.labels[k];
    let (others, misread): (Vec<usize>, Vec<usize>) = (0..digits.len()).partition(|&k| correct(k));
    let shown = misread.into_iter().chain(others);

    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (800, 540)).into_drawing_area();
        area.fill(&WHITE)?;
        let area = area.margin(8, 0, 0, 0).titled(
            "Held-back digits and what was read; misread ones first",
            ("sans-serif", 22),
        )?;
        for (cell, k) in area.split_evenly((ROWS, COLUMNS)).iter().zip(shown) {
            let (caption, colour) = if correct(k) {
                (read[k].to_string(), BLACK)
            } else {
                (format!("{}, is {}", read[k], digits.labels[k]), RED)
            };
            let (image, below) = cell.margin(8, 0, 8, 8).split_vertically(64);
            let pixels = image.split_evenly((SIDE, SIDE));
            for (pixel, ink) in pixels.iter().zip(digits.images.column(k).iter()) {
                pixel.fill(&BLACK.mix(*ink))?;
            }
            below.titled(&caption, ("sans-serif", 16).into_font().color(&colour))?;
        }
        area.present()?;
    }
    Ok(svg)
}
