use plotive::{Prepare, Style, data, des, geom};
use plotive_svg::SaveSvg;
use des::annot::{Anchor, Label, Line, Marker};
use des::axis::Range;
type Src = data::TableSource;
fn axis(lo: f64, hi: f64) -> des::Axis { des::Axis::new().with_scale(Range::new(Some(lo), Some(hi)).into()).with_ticks(Default::default()) }
fn lab(t: &str, x: f64, y: f64, a: Anchor) -> des::Annotation { Label::new(t.to_owned().into(), x, y).with_anchor(a).into() }
fn save(i: usize, plot: des::Plot, src: &Src) {
    let t = std::time::Instant::now();
    let fig = plot.into_figure().with_size(geom::Size::new(560., if i == 1 { 170. } else { 260. }));
    let db = plotive::bundled_font_db();
    let fig = fig.prepare(src, Some(&db)).unwrap();
    fig.save_svg(format!("out/plotive-{i}.svg"), src, plotive_svg::Params { style: Style::light(), scale: 1.0, fontdb: Some(&db), id_prefix: None }).unwrap();
    println!("plotive {i}: {:?}, {} bytes", t.elapsed(), std::fs::metadata(format!("out/plotive-{i}.svg")).unwrap().len());
}
const VALS: [f64; 24] = [79.,81.,77.,82.,80.,83.,81.,80.,84.,79.,82.,81.,83.,86.,87.,85.,88.,87.,90.,91.,88.,92.,94.,93.];
pub fn all() {
    let x: Vec<f64> = (0..24).map(f64::from).collect();
    let src = Src::new().with_f64_column("x", x.clone()).with_f64_column("y", VALS.to_vec()).with_f64_column("lo", vec![74.; 24]).with_f64_column("hi", vec![88.; 24]);
    let p = des::Plot::new(vec![
        des::series::Area::new(des::data_src_ref("x"), des::data_src_ref("hi"), des::data_src_ref("lo").into()).into(),
        des::series::Line::new(des::data_src_ref("x"), des::data_src_ref("y")).into(),
        des::series::Scatter::new(des::data_src_ref("x"), des::data_src_ref("y")).into()])
        .with_x_axis(axis(0., 23.)).with_y_axis(axis(70., 100.))
        .with_annotation(Line::horizontal(95.).into()).with_annotation(Line::horizontal(81.).into())
        .with_annotation(lab("target 95%", 0., 95., Anchor::BottomLeft)).with_annotation(lab("mean 81%", 0., 81., Anchor::BottomLeft));
    save(0, p, &src);
    let d = [("Known to both", 320, 64., 59.7, 68.1), ("Social care alone", 90, 18., 14.9, 21.6), ("Schools alone", 90, 18., 14.9, 21.6)];
    let names = data::VecColumn::from(d.iter().map(|r| r.0.to_owned()).collect::<Vec<_>>());
    let mut src2 = data::NamedOwnedColumns::new(); src2.add_column("n", Box::new(names)); src2.add_column("v", Box::new(data::VecColumn::from(d.iter().map(|r| r.2).collect::<Vec<f64>>())));
    let group = des::series::BarsGroup::new(des::data_src_ref("n"), vec![des::series::BarSeries::new(des::data_src_ref("v"))]).with_orientation(des::series::BarsOrientation::Horizontal);
    let p = des::Plot::new(vec![des::Series::BarsGroup(group)]).with_x_axis(axis(0., 100.)).with_y_axis(des::Axis::new().with_ticks(Default::default()));
    let t = std::time::Instant::now();
    let db = plotive::bundled_font_db();
    let fig = p.into_figure().with_size(geom::Size::new(560., 170.));
    match fig.prepare(&src2, Some(&db)) { Ok(f) => { f.save_svg("out/plotive-1.svg", &src2, plotive_svg::Params { style: Style::light(), scale: 1.0, fontdb: Some(&db), id_prefix: None }).unwrap(); println!("plotive 1: {:?}", t.elapsed()); } Err(e) => println!("plotive 1: {e:?}") }
    let g = [("White British", Some((62., 55., 69.))), ("Other White", Some((58., 44., 71.))), ("Pakistani", Some((49., 38., 60.))), ("Bangladeshi", None), ("Black African", Some((71., 52., 85.))), ("Mixed", Some((66., 50., 79.))), ("Not recorded", Some((40., 28., 53.)))];
    let src = Src::new().with_f64_column("x", vec![0., 100.]).with_f64_column("y", vec![-1., -1.]);
    let mut p = des::Plot::new(vec![des::series::Line::new(des::data_src_ref("x"), des::data_src_ref("y")).into()]).with_x_axis(axis(0., 100.)).with_y_axis(axis(0., 7.)).with_annotation(Line::vertical(60.).into());
    for (i, (n, r)) in g.iter().enumerate() { let y = 6.5 - i as f64;
        p = p.with_annotation(lab(n, 0., y, Anchor::CenterRight));
        p = match r { None => p.with_annotation(lab("not shown: a small number", 2., y, Anchor::CenterLeft)), Some((v, l, h)) => p.with_annotation(Line::two_points(*l, y, *h, y).into()).with_annotation(Marker::new(*v, y).into()) }; }
    save(2, p, &src);
    let w = [("Given name", 6.4), ("Family name", 8.1), ("Date of birth", 11.2), ("Address", -2.3), ("Sex", 0.9)];
    let names = data::VecColumn::from(w.iter().map(|r| r.0.to_owned()).chain(["Total".to_owned()]).collect::<Vec<_>>());
    let (mut base, mut up, mut at) = (vec![], vec![], 0f64);
    for (_, v) in w { base.push(at.min(at + v)); up.push(f64::abs(v)); at += v; } base.push(0.); up.push(at);
    let mut s = data::NamedOwnedColumns::new(); s.add_column("n", Box::new(names)); s.add_column("b", Box::new(data::VecColumn::from(base))); s.add_column("u", Box::new(data::VecColumn::from(up)));
    let group = des::series::BarsGroup::new(des::data_src_ref("n"), vec![des::series::BarSeries::new(des::data_src_ref("b")), des::series::BarSeries::new(des::data_src_ref("u"))]).with_arrangement(des::series::BarsArrangement::Stack(Default::default()));
    let fig = des::Plot::new(vec![des::Series::BarsGroup(group)]).with_x_axis(des::Axis::new().with_ticks(Default::default())).with_y_axis(axis(0., 30.)).into_figure().with_size(geom::Size::new(560., 260.));
    match fig.prepare(&s, Some(&db)) { Ok(f) => f.save_svg("out/plotive-3.svg", &s, plotive_svg::Params { style: Style::light(), scale: 1.0, fontdb: Some(&db), id_prefix: None }).unwrap(), Err(e) => println!("plotive 3: {e:?}") }
    let v = [31.,33.,32.,36.,38.,37.,35.,f64::NAN,f64::NAN,f64::NAN,f64::NAN,34.,39.,41.,44.,43.,42.,45.,47.,46.,44.,41.,40.,38.];
    let src = Src::new().with_f64_column("x", x).with_f64_column("y", v.to_vec());
    let p = des::Plot::new(vec![des::series::Line::new(des::data_src_ref("x"), des::data_src_ref("y")).with_interpolation(des::series::Interpolation::StepLate).into()]).with_x_axis(axis(0., 24.)).with_y_axis(axis(0., 50.)).with_annotation(lab("no file", 9., 25., Anchor::Center));
    save(4, p, &src);
}
