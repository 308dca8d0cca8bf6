import { serve } from "/work/wt-web/web/dev/serve.mjs";
import { launch, open, live } from "/work/wt-web/web/test/chromium.mjs";
const s = await serve({cameras: Number(process.argv[2]??150)});
s.list[20].intervalMs = 12000;
const b = await launch();
const url=`http://127.0.0.1:${s.port}/wall/main`;
const kinds=["silent","stall","overdue","auth","busy","unreachable","decode","quarantine","waiting","lossy"];
const at=[3,17,30,44,51,66,80,97,110,125];
// never seen
for (const [i,k] of ["connecting","auth","waiting","unreachable"].entries()) s.setFault(101+130+i,k);
const pages=[];
for (const [name,w,h,q,extra] of [["wall-1080p",1920,1080,"",{}],["wall-4k",3840,2160,"?lang=en",{}],["wall-phone",390,844,"",{deviceScaleFactor:3,isMobile:true,hasTouch:true}],["wall-1080p-light",1920,1080,"?theme=light",{}]]) {
  const p=await open(b,url+q,{width:w,height:h,...extra}); pages.push([name,p]);
  await live(p,true,1); 
}
await new Promise(r=>setTimeout(r,4000));
kinds.forEach((k,i)=>s.setFault(101+at[i],k));
await new Promise(r=>setTimeout(r,13000));
for (const [name,p] of pages){ await p.bringToFront(); await new Promise(r=>setTimeout(r,1500)); await p.screenshot({path:`/work/wt-web/artifacts/${name}.png`}); console.log(name, await p.evaluate(()=>({...document.body.dataset})), p.faults);}
const [,p]=pages[0]; await p.bringToFront(); 
await p.mouse.click(300,300); await new Promise(r=>setTimeout(r,1500)); await p.screenshot({path:`/work/wt-web/artifacts/large.png`});
await p.keyboard.press("ArrowRight"); await new Promise(r=>setTimeout(r,800)); await p.keyboard.press("Escape");
console.log(s.painted.at(-1)?.tiles.length, s.received.at(-1), s.received.find(m=>m.type==="subscribe"));
await s.close(); await new Promise(r=>setTimeout(r,5000));
for (const [name,p] of pages){ await p.bringToFront(); await new Promise(r=>setTimeout(r,1000)); await p.screenshot({path:`/work/wt-web/artifacts/${name}-notlive.png`}); console.log(await p.evaluate(()=>({...document.body.dataset})), p.faults);}
await b.close();
