// The five charts as ECharts options. `draw(i)` gives SVG.
var TEAL='#0b4f5c', INK='#16222b', QUIET='#4a5a66', LINE='#cfd6da', TINT='#e8f0f1', GREEN='#1c7a48', BLUE='#1d5fa8', ORANGE='#b3540e';
var FONT='Atkinson Hyperlegible Next';
var text={fontFamily:FONT,fontSize:14,color:QUIET};
var months=[],vals=[79,81,77,82,80,83,81,80,84,79,82,81,83,86,87,85,88,87,90,91,88,92,94,93];
for(var i=0;i<24;i++){months.push(['Nov','Dec','Jan','Feb','Mar','Apr','May','Jun','Jul','Aug','Sep','Oct'][i%12]+' '+(i<2?2024:i<14?2025:2026));}
function base(){return {animation:false,textStyle:text,grid:{left:8,right:16,top:12,bottom:8,containLabel:true}};}
var charts=[
function(){var o=base();o.xAxis={type:'category',data:months,boundaryGap:false,axisTick:{show:false},axisLine:{lineStyle:{color:LINE}},axisLabel:Object.assign({interval:function(i){return i==0||i==23},alignMinLabel:'left',alignMaxLabel:'right'},text)};
 o.yAxis={type:'value',min:70,max:100,splitLine:{show:false},axisLabel:Object.assign({formatter:'{value}%',customValues:[80,95]},text),axisTick:{customValues:[80,95]}};
 o.series=[{type:'line',data:vals.map(function(v,i){var s=i>=18;return {value:v,symbol:'circle',symbolSize:s?10:5,itemStyle:{color:s?BLUE:TEAL}}}),lineStyle:{color:TEAL,width:2},
  markArea:{silent:true,itemStyle:{color:TINT},data:[[{yAxis:74},{yAxis:88}]]},
  markLine:{silent:true,symbol:'none',label:{show:true,position:'insideEndTop',fontFamily:FONT,fontSize:14},data:[{yAxis:95,lineStyle:{color:GREEN,type:'solid',width:2},label:{formatter:'target',color:GREEN}},{yAxis:81,lineStyle:{color:QUIET,type:'dashed'},label:{formatter:'mean',color:QUIET}}]}}];return o;},
function(){var o=base();var d=[['Known to both',320,64,59.7,68.1],['Known to social care alone',90,18,14.9,21.6],['Known to schools alone',90,18,14.9,21.6]];
 o.xAxis={type:'value',min:0,max:100,axisLabel:Object.assign({formatter:'{value}%'},text),splitLine:{lineStyle:{color:'#e4e8ea'}}};
 o.yAxis={type:'category',inverse:true,data:d.map(function(r){return r[0]}),axisTick:{show:false},axisLine:{lineStyle:{color:LINE}},axisLabel:Object.assign({},text,{color:INK,width:140,overflow:'break'})};
 o.series=[{type:'bar',data:d.map(function(r){return r[2]}),barWidth:22,itemStyle:{color:TEAL},label:{show:false}},
 {type:'custom',z:5,data:d.map(function(r,i){return [r[3],r[4],i]}),encode:{x:[0,1],y:2},renderItem:function(p,a){var l=a.coord([a.value(0),a.value(2)]),h=a.coord([a.value(1),a.value(2)]);return {type:'group',children:[{type:'line',shape:{x1:l[0],y1:l[1],x2:h[0],y2:h[1]},style:{stroke:INK,lineWidth:2}},{type:'line',shape:{x1:l[0],y1:l[1]-6,x2:l[0],y2:l[1]+6},style:{stroke:INK,lineWidth:2}},{type:'line',shape:{x1:h[0],y1:h[1]-6,x2:h[0],y2:h[1]+6},style:{stroke:INK,lineWidth:2}},{type:'text',style:{x:h[0]+8,y:h[1]-8,text:d[p.dataIndex][2]+'%, '+d[p.dataIndex][1]+' children',fill:INK,font:'14px "'+FONT+'"'}}]}}}];return o;},
function(){var o=base();var d=[['White British',62,55,69],['Other White',58,44,71],['Pakistani',49,38,60],['Bangladeshi',null,null,null],['Black African',71,52,85],['Mixed',66,50,79],['Not recorded',40,28,53]];
 o.xAxis={type:'value',min:0,max:100,axisLabel:Object.assign({formatter:'{value}%'},text),splitLine:{lineStyle:{color:'#e4e8ea'}}};
 o.yAxis={type:'category',inverse:true,data:d.map(function(r){return r[0]}),axisTick:{show:false},axisLabel:Object.assign({},text,{color:INK})};
 o.series=[{type:'custom',data:d.map(function(r,i){return [r[2]||0,r[3]||0,i,r[1]||0]}),encode:{x:[0,1],y:2},renderItem:function(p,a){var r=d[p.dataIndex];var y=a.coord([0,a.value(2)])[1];if(r[1]==null)return {type:'text',style:{x:a.coord([0,0])[0]+8,y:y-8,text:'not shown: a small number',fill:QUIET,font:'italic 14px "'+FONT+'"'}};var l=a.coord([r[2],0])[0],h=a.coord([r[3],0])[0],c=a.coord([r[1],0])[0];return {type:'group',children:[{type:'line',shape:{x1:l,y1:y,x2:h,y2:y},style:{stroke:TEAL,lineWidth:3}},{type:'circle',shape:{cx:c,cy:y,r:6},style:{fill:TEAL}}]}}},
 {type:'line',data:[],markLine:{silent:true,symbol:'none',data:[{xAxis:60,lineStyle:{color:QUIET,type:'dashed'},label:{formatter:'all children 60%',fontFamily:FONT,fontSize:14,color:QUIET}}]}}];o.grid.top=30;return o;},
function(){var o=base();var d=[['Given name',6.4],['Family name',8.1],['Date of birth',11.2],['Address',-2.3],['Sex',0.9],['Total',24.3]];var at=0;var base_=[],up=[],down=[];d.forEach(function(r,i){if(i==5){base_.push(0);up.push({value:r[1],itemStyle:{color:INK}});down.push('-');}else{if(r[1]>=0){base_.push(at);up.push(r[1]);down.push('-');}else{base_.push(at+r[1]);up.push('-');down.push(-r[1]);}at+=r[1];}});
 o.xAxis={type:'category',data:d.map(function(r){return r[0]}),axisTick:{show:false},axisLabel:Object.assign({interval:0},text,{color:INK})};o.yAxis={type:'value',splitLine:{lineStyle:{color:'#e4e8ea'}},axisLabel:text,name:'bits',nameTextStyle:text};o.grid.top=30;
 var lab={show:true,position:'top',fontFamily:FONT,fontSize:14,color:INK};
 o.series=[{type:'bar',stack:'a',data:base_,itemStyle:{color:'transparent'},silent:true},{type:'bar',stack:'a',data:up,itemStyle:{color:TEAL},label:lab},{type:'bar',stack:'a',data:down,itemStyle:{color:ORANGE},label:Object.assign({},lab,{formatter:function(p){return '−'+p.value}})}];return o;},
function(){var o=base();var v=[31,33,32,36,38,37,35,null,null,null,null,34,39,41,44,43,42,45,47,46,44,41,40,38];
 o.xAxis={type:'category',data:v.map(function(_,i){return 'week '+(i+1)}),boundaryGap:false,axisTick:{show:false},axisLabel:Object.assign({interval:function(i){return i==0||i==23},alignMinLabel:'left',alignMaxLabel:'right'},text)};
 o.yAxis={type:'value',min:0,splitLine:{lineStyle:{color:'#e4e8ea'}},axisLabel:text};
 o.series=[{type:'line',step:'end',data:v,symbol:'none',lineStyle:{color:TEAL,width:2},areaStyle:{color:TINT},markArea:{silent:true,itemStyle:{color:'#f0f3f5'},label:{fontFamily:FONT,fontSize:14,color:QUIET,position:'inside'},data:[[{name:'no file',xAxis:'week 7'},{xAxis:'week 12'}]]}}];return o;}
];
function draw(i,w,h){var c=echarts.init(null,null,{renderer:'svg',ssr:true,width:w,height:h});c.setOption(charts[i]());var s=c.renderToSVGString();c.dispose();return s;}
