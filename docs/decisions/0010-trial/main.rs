mod pl;
mod pv;
use std::time::Instant;
fn echarts() {
    let t = Instant::now();
    let rt = rquickjs::Runtime::new().unwrap();
    rt.set_max_stack_size(4 << 20);
    let cx = rquickjs::Context::full(&rt).unwrap();
    cx.with(|cx| {
        let lib = std::fs::read("js/node_modules/echarts/dist/echarts.min.js").unwrap();
        cx.eval::<(), _>("var self=globalThis, window=undefined; var setTimeout=function(){return 0}, clearTimeout=function(){};").unwrap();
        if let Err(e) = cx.eval::<(), _>(lib) { println!("{e} {:?}", cx.catch()); }
        let charts = std::fs::read("js/charts.js").unwrap();
        if let Err(e) = cx.eval::<(), _>(charts) { println!("{e} {:?}", cx.catch()); }
        println!("echarts loaded in {:?}", t.elapsed());
        for i in 0..5 {
            let t = Instant::now();
            match cx.eval::<String, _>(format!("draw({i},560,{})", if i==1 {170} else {260})) {
                Ok(svg) => { std::fs::write(format!("out/echarts-{i}.svg"), &svg).unwrap(); println!("echarts {i}: {:?}, {} bytes", t.elapsed(), svg.len()); }
                Err(e) => println!("{e} {:?}", cx.catch()),
            }
        }
    });
    println!("memory: {:?}", rt.memory_usage().malloc_size);
}
fn main() { std::fs::create_dir_all("out").unwrap(); echarts(); pl::all(); pv::all(); }
