//! Curves over a common axis, as SVG.

use std::error::Error;
use std::ops::Range;

use plotters::coord::ranged1d::{AsRangedCoord, Ranged, ValueFormatter};
use plotters::prelude::*;

/// What a picture of curves says beside its curves.
pub(crate) struct Labels {
    pub(crate) title: &'static str,
    pub(crate) x: &'static str,
    pub(crate) y: &'static str,
    /// Where there is room for the names of the curves.
    pub(crate) names: SeriesLabelPosition,
}

/// A curve and its name.
pub(crate) type Curve = (&'static str, Vec<(f64, f64)>);

const COLOURS: [RGBColor; 4] = [BLUE, RED, BLACK, GREEN];

/// Curves on two linear axes.
pub(crate) fn curves(labels: &Labels, curves: &[Curve]) -> Result<String, Box<dyn Error>> {
    let (x, y) = (range(curves, |p| p.0), range(curves, |p| p.1));
    draw(labels, curves, x, y)
}

/// Curves of positive values, which are drawn on a logarithmic axis.
pub(crate) fn logarithmic(labels: &Labels, curves: &[Curve]) -> Result<String, Box<dyn Error>> {
    let (x, y) = (range(curves, |p| p.0), range(curves, |p| p.1));
    draw(labels, curves, x, y.log_scale())
}

/// A short form of a number on an axis, which may be a sum of rounded ones.
fn label(value: f64) -> String {
    if value != 0.0 && value.abs() < 0.01 {
        format!("{value:.0e}")
    } else {
        ((value * 1e6).round() / 1e6).to_string()
    }
}

fn range(curves: &[Curve], coordinate: impl Fn(&(f64, f64)) -> f64) -> Range<f64> {
    let all = || {
        (curves.iter())
            .flat_map(|(_, points)| points)
            .map(&coordinate)
    };
    all().fold(f64::INFINITY, f64::min)..all().fold(f64::NEG_INFINITY, f64::max)
}

fn draw<Y>(labels: &Labels, curves: &[Curve], x: Range<f64>, y: Y) -> Result<String, Box<dyn Error>>
where
    Y: AsRangedCoord<Value = f64>,
    Y::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (800, 500)).into_drawing_area();
        area.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&area)
            .caption(labels.title, ("sans-serif", 22))
            .margin(15)
            .margin_right(30)
            .x_label_area_size(45)
            .y_label_area_size(75)
            .build_cartesian_2d(x, y)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .x_desc(labels.x)
            .y_desc(labels.y)
            .x_label_formatter(&|x| label(*x))
            .y_label_formatter(&|y| label(*y))
            .label_style(("sans-serif", 15))
            .draw()?;
        for ((name, points), colour) in curves.iter().zip(COLOURS) {
            chart
                .draw_series(LineSeries::new(
                    points.iter().copied(),
                    colour.stroke_width(2),
                ))?
                .label(*name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 25, y)], colour));
        }
        chart
            .configure_series_labels()
            .position(labels.names.clone())
            .background_style(WHITE)
            .border_style(BLACK.mix(0.3))
            .label_font(("sans-serif", 15))
            .draw()?;
        area.present()?;
    }
    Ok(svg)
}
