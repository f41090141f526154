use plotters::prelude::*;
use plotters::style::{FontStyle, register_font, text_anchor::{HPos, Pos, VPos}};
use plotters::coord::Shift;
pub const TEAL: RGBColor = RGBColor(0x0b, 0x4f, 0x5c);
const INK: RGBColor = RGBColor(0x16, 0x22, 0x2b);
const QUIET: RGBColor = RGBColor(0x4a, 0x5a, 0x66);
const TINT: RGBColor = RGBColor(0xe8, 0xf0, 0xf1);
const GREEN: RGBColor = RGBColor(0x1c, 0x7a, 0x48);
const BLUE_: RGBColor = RGBColor(0x1d, 0x5f, 0xa8);
const ORANGE_: RGBColor = RGBColor(0xb3, 0x54, 0x0e);
const SOFT: RGBColor = RGBColor(0xe4, 0xe8, 0xea);
const FONT: &str = "Atkinson Hyperlegible Next";
fn font(c: &RGBColor, h: HPos, v: VPos) -> TextStyle<'static> { (FONT, 14).into_font().color(c).pos(Pos::new(h, v)) }
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
pub fn all() {
    let ttf: &'static [u8] = Box::leak(std::fs::read("js/node_modules/@expo-google-fonts/atkinson-hyperlegible-next/400Regular/AtkinsonHyperlegibleNext_400Regular.ttf").unwrap().into_boxed_slice());
    let _ = register_font(FONT, FontStyle::Normal, ttf);
    for i in 0..5 {
        let mut svg = String::new();
        let t = std::time::Instant::now();
        {
            let area = SVGBackend::with_string(&mut svg, (560, if i == 1 { 170 } else { 260 })).into_drawing_area();
            match i { 0 => control(&area), 1 => parts(&area), 2 => groups(&area), 3 => waterfall(&area), _ => gap(&area) }
            area.present().unwrap();
        }
        println!("plotters {i}: {:?}, {} bytes", t.elapsed(), svg.len());
        std::fs::write(format!("out/plotters-{i}.svg"), svg).unwrap();
    }
}
const VALS: [f64; 24] = [79.,81.,77.,82.,80.,83.,81.,80.,84.,79.,82.,81.,83.,86.,87.,85.,88.,87.,90.,91.,88.,92.,94.,93.];
fn control(a: &Area) {
    let mut c = ChartBuilder::on(a).margin_left(48).margin_right(16).margin_top(12).margin_bottom(28).build_cartesian_2d(0f64..23f64, 70f64..100f64).unwrap();
    c.draw_series([Rectangle::new([(0., 74.), (23., 88.)], TINT.filled())]).unwrap();
    c.draw_series(LineSeries::new([(0., 95.), (23., 95.)], GREEN.stroke_width(2))).unwrap();
    c.draw_series(DashedLineSeries::new([(0., 81.), (23., 81.)], 5, 4, QUIET.into())).unwrap();
    c.draw_series(LineSeries::new(VALS.iter().enumerate().map(|(i, v)| (i as f64, *v)), TEAL.stroke_width(2))).unwrap();
    for (i, v) in VALS.iter().enumerate() { let p = (i as f64, *v);
        if i >= 18 { c.draw_series([Circle::new(p, 5, BLUE_.filled())]).unwrap(); } else { c.draw_series([Circle::new(p, 3, TEAL.filled())]).unwrap(); } }
    let px = |x: f64, y: f64| c.backend_coord(&(x, y));
    for (t, y, col) in [("95%", 95., GREEN), ("81%", 81., QUIET)] { let (x, y) = px(0., y); a.draw(&Text::new(t, (x - 8, y), font(&col, HPos::Right, VPos::Center))).unwrap(); }
    let (x, y) = px(0., 70.); a.draw(&Text::new("Nov 2024", (x, y + 8), font(&QUIET, HPos::Left, VPos::Top))).unwrap();
    let (x, y) = px(23., 70.); a.draw(&Text::new("Oct 2026", (x, y + 8), font(&QUIET, HPos::Right, VPos::Top))).unwrap();
}
fn frame<'a>(a: &'a Area<'_>, left: u32, rows: usize) -> ChartContext<'a, SVGBackend<'a>, Cartesian2d<plotters::coord::types::RangedCoordf64, plotters::coord::types::RangedCoordf64>> where {
    let a: &'a Area<'a> = unsafe { std::mem::transmute(a) };
    let mut c = ChartBuilder::on(a).margin_left(left).margin_right(16).margin_top(24).margin_bottom(28).build_cartesian_2d(0f64..100f64, (rows as f64)..0f64).unwrap();
    for v in [0., 20., 40., 60., 80., 100.] {
        c.draw_series(LineSeries::new([(v, 0.), (v, rows as f64)], if v == 0. { QUIET } else { SOFT })).unwrap();
        let (x, y) = c.backend_coord(&(v, rows as f64)); a.draw(&Text::new(format!("{v}%"), (x, y + 6), font(&QUIET, HPos::Center, VPos::Top))).unwrap();
    }
    c
}
fn parts(a: &Area) {
    let d = [("Known to both", 320, 64., 59.7, 68.1), ("Social care alone", 90, 18., 14.9, 21.6), ("Schools alone", 90, 18., 14.9, 21.6)];
    let mut c = frame(a, 150, 3);
    for (i, (n, k, v, l, h)) in d.iter().enumerate() { let y = i as f64 + 0.5;
        c.draw_series([Rectangle::new([(0., y - 0.25), (*v, y + 0.25)], TEAL.filled())]).unwrap();
        c.draw_series([ErrorBar::new_horizontal(y, *l, *v, *h, INK.stroke_width(2), 8)]).unwrap();
        let (x0, yy) = c.backend_coord(&(0., y)); a.draw(&Text::new(*n, (x0 - 8, yy), font(&INK, HPos::Right, VPos::Center))).unwrap();
        let (x, yy) = c.backend_coord(&(*h, y)); a.draw(&Text::new(format!("{v}%, {k} children"), (x + 8, yy), font(&INK, HPos::Left, VPos::Center))).unwrap(); }
}
fn groups(a: &Area) {
    let d = [("White British", Some((62., 55., 69.))), ("Other White", Some((58., 44., 71.))), ("Pakistani", Some((49., 38., 60.))), ("Bangladeshi", None), ("Black African", Some((71., 52., 85.))), ("Mixed", Some((66., 50., 79.))), ("Not recorded", Some((40., 28., 53.)))];
    let mut c = frame(a, 150, 7);
    c.draw_series(DashedLineSeries::new([(60., 0.), (60., 7.)], 5, 4, QUIET.into())).unwrap();
    let (x, y) = c.backend_coord(&(60., 0.)); a.draw(&Text::new("all children 60%", (x, y - 4), font(&QUIET, HPos::Center, VPos::Bottom))).unwrap();
    for (i, (n, r)) in d.iter().enumerate() { let y = i as f64 + 0.5;
        let (x0, yy) = c.backend_coord(&(0., y)); a.draw(&Text::new(*n, (x0 - 8, yy), font(&INK, HPos::Right, VPos::Center))).unwrap();
        match r { None => a.draw(&Text::new("not shown: a small number", (x0 + 8, yy), font(&QUIET, HPos::Left, VPos::Center))).unwrap(),
            Some((v, l, h)) => { c.draw_series(LineSeries::new([(*l, y), (*h, y)], TEAL.stroke_width(3))).unwrap(); c.draw_series([Circle::new((*v, y), 6, TEAL.filled())]).unwrap(); } } }
}
fn waterfall(a: &Area) {
    let d = [("Given name", 6.4), ("Family name", 8.1), ("Date of birth", 11.2), ("Address", -2.3), ("Sex", 0.9)];
    let mut c = ChartBuilder::on(a).margin_left(40).margin_right(16).margin_top(24).margin_bottom(28).build_cartesian_2d(0f64..6f64, 0f64..30f64).unwrap();
    for v in [0., 10., 20., 30.] { c.draw_series(LineSeries::new([(0., v), (6., v)], SOFT)).unwrap(); let (x, y) = c.backend_coord(&(0., v)); a.draw(&Text::new(format!("{v}"), (x - 8, y), font(&QUIET, HPos::Right, VPos::Center))).unwrap(); }
    let mut at = 0.;
    let mut bar = |i: usize, n: &str, from: f64, to: f64, col: RGBColor, word: String| { let x = i as f64 + 0.5;
        c.draw_series([Rectangle::new([(x - 0.3, from), (x + 0.3, to)], col.filled())]).unwrap();
        let (px, py) = c.backend_coord(&(x, from.max(to))); a.draw(&Text::new(word, (px, py - 4), font(&INK, HPos::Center, VPos::Bottom))).unwrap();
        let (px, py) = c.backend_coord(&(x, 0.)); a.draw(&Text::new(n.to_owned(), (px, py + 6), font(&INK, HPos::Center, VPos::Top))).unwrap(); };
    for (i, (n, v)) in d.iter().enumerate() { bar(i, n, at, at + v, if *v < 0. { ORANGE_ } else { TEAL }, if *v < 0. { format!("−{}", -v) } else { format!("{v}") }); at += v; }
    bar(5, "Total", 0., at, INK, format!("{at:.1}"));
}
fn gap(a: &Area) {
    let v = [Some(31.),Some(33.),Some(32.),Some(36.),Some(38.),Some(37.),Some(35.),None,None,None,None,Some(34.),Some(39.),Some(41.),Some(44.),Some(43.),Some(42.),Some(45.),Some(47.),Some(46.),Some(44.),Some(41.),Some(40.),Some(38.)];
    let mut c = ChartBuilder::on(a).margin_left(40).margin_right(16).margin_top(12).margin_bottom(28).build_cartesian_2d(0f64..24f64, 0f64..50f64).unwrap();
    for g in [0., 10., 20., 30., 40., 50.] { c.draw_series(LineSeries::new([(0., g), (24., g)], SOFT)).unwrap(); let (x, y) = c.backend_coord(&(0., g)); a.draw(&Text::new(format!("{g}"), (x - 8, y), font(&QUIET, HPos::Right, VPos::Center))).unwrap(); }
    c.draw_series([Rectangle::new([(7., 0.), (11., 50.)], RGBColor(0xf0, 0xf3, 0xf5).filled())]).unwrap();
    let (x, y) = c.backend_coord(&(9., 25.)); a.draw(&Text::new("no file", (x, y), font(&QUIET, HPos::Center, VPos::Center))).unwrap();
    for run in v.iter().enumerate().collect::<Vec<_>>().split(|(_, v)| v.is_none()) { if run.is_empty() { continue; }
        let pts: Vec<_> = run.iter().flat_map(|(i, v)| { let v = v.unwrap(); [(*i as f64, v), (*i as f64 + 1., v)] }).collect();
        c.draw_series(AreaSeries::new(pts.clone(), 0., TINT)).unwrap(); c.draw_series(LineSeries::new(pts, TEAL.stroke_width(2))).unwrap(); }
    let (x, y) = c.backend_coord(&(0., 0.)); a.draw(&Text::new("week 1", (x, y + 8), font(&QUIET, HPos::Left, VPos::Top))).unwrap();
    let (x, y) = c.backend_coord(&(24., 0.)); a.draw(&Text::new("week 24", (x, y + 8), font(&QUIET, HPos::Right, VPos::Top))).unwrap();
}
