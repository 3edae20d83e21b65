//! docs/benchmarks.svg.

use crate::measure::{CLASS, EAGER, FLOOR, WALL, WARM, load_of};
use crate::samples::{Key, Samples};
use plotters::coord::Shift;
use plotters::prelude::*;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

const OURS: RGBColor = RGBColor(0x1b, 0x7f, 0x5c);
const THEIRS: RGBColor = RGBColor(0x9a, 0xa5, 0xb1);
const INK: RGBColor = RGBColor(0x22, 0x2b, 0x33);

struct Bar {
    label: String,
    value: f64,
    ours: bool,
}

/// One column of charts for each Python.
pub fn svg(all: &[(String, Samples)]) -> Result<String, String> {
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, (420 * all.len().max(1) as u32, 900))
            .into_drawing_area();
        draw(&root, all).map_err(|error| format!("docs/benchmarks.svg: {error}"))?;
        root.present()
            .map_err(|error| format!("docs/benchmarks.svg: {error}"))?;
    }
    Ok(text + "\n")
}

type Drawn = Result<(), DrawingAreaErrorKind<<SVGBackend<'static> as DrawingBackend>::ErrorType>>;

fn draw(root: &Area<'_>, all: &[(String, Samples)]) -> Drawn {
    root.fill(&WHITE)?;
    for (area, (version, samples)) in root.split_evenly((1, all.len().max(1))).iter().zip(all) {
        let charts = charts(samples);
        for (part, (title, bars)) in area.split_evenly((charts.len(), 1)).iter().zip(&charts) {
            chart(part, &format!("CPython {version}: {title}"), bars)?;
        }
    }
    Ok(())
}

fn charts(samples: &Samples) -> Vec<(&'static str, Vec<Bar>)> {
    let bars = |what: &str, how: &str, unit: f64, who: &[(&str, &str)]| -> Vec<Bar> {
        who.iter()
            .filter_map(|(key, label)| {
                Some(Bar {
                    label: (*label).into(),
                    value: samples.median(&Key::new(what, how, key))? / unit,
                    ours: key.starts_with("nexus"),
                })
            })
            .collect()
    };
    let callers = [
        ("nexus_call_invoke", "nexus, prepared"),
        ("nexus_object_call", "nexus"),
        ("C API, vectorcall", "C API, vectorcall"),
        ("PyO3", "PyO3"),
        ("pybind11", "pybind11"),
        ("C API, CallMethod by name", "C API, CallMethod"),
    ];
    let loads = [
        (FLOOR, "bare dlopen"),
        (EAGER, "nexus"),
        (CLASS, "Python class"),
        ("pybind11, importlib.util", "pybind11"),
        ("PyO3, importlib.util", "PyO3"),
    ];
    vec![
        (
            "two ints, GIL taken, ns",
            bars("two ints", "per call", 1.0, &callers),
        ),
        (
            "two ints, GIL held, ns",
            bars("two ints", "attached", 1.0, &callers),
        ),
        (
            "two ints, new thread, ns",
            bars("two ints", "new thread", 1.0, &callers),
        ),
        (
            "1,000 modules, ms",
            bars(&load_of(1000, WARM), WALL, 1e6, &loads),
        ),
    ]
}

fn chart(area: &Area<'_>, title: &str, bars: &[Bar]) -> Drawn {
    let (width, _) = area.dim_in_pixel();
    let text = |size: i32| ("sans-serif", size).into_font().color(&INK);
    area.draw(&Text::new(title.to_string(), (10, 8), text(15)))?;
    let most = bars.iter().map(|bar| bar.value).fold(1e-9, f64::max);
    let (left, room) = (140, f64::from(width) - 140.0 - 60.0);
    for (index, bar) in bars.iter().enumerate() {
        let top = 34 + 28 * index as i32;
        let right = left + (bar.value / most * room) as i32;
        let color = if bar.ours { OURS } else { THEIRS };
        area.draw(&Text::new(bar.label.clone(), (10, top + 4), text(13)))?;
        area.draw(&Rectangle::new(
            [(left, top), (right, top + 20)],
            color.filled(),
        ))?;
        area.draw(&Text::new(
            format!("{:.0}", bar.value),
            (right + 6, top + 4),
            text(13),
        ))?;
    }
    Ok(())
}
