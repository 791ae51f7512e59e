"""User agents as browsers send them."""

from __future__ import annotations

import pytest

from moss.server.devices import device_of

LINUX = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) "
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "


@pytest.mark.parametrize(
    ("user_agent", "browser", "system"),
    [
        (LINUX + "Chrome/150.0.0.0 Safari/537.36", "Chrome", "Linux"),
        (LINUX + "HeadlessChrome/150.0.0.0 Safari/537.36", "Chrome", "Linux"),
        (WINDOWS + "Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0", "Edge", "Windows"),
        (WINDOWS + "Chrome/150.0.0.0 Safari/537.36 OPR/130.0.0.0", "Opera", "Windows"),
        (MAC + "Version/18.5 Safari/605.1.15", "Safari", "macOS"),
        (IPHONE + "Version/18.5 Mobile/15E148 Safari/604.1", "Safari", "iPhone"),
        (IPHONE + "CriOS/150.0.0.0 Mobile/15E148 Safari/604.1", "Chrome", "iPhone"),
        (IPHONE + "Mobile/15E148 MicroMessenger/8.0.60 NetType/WIFI Language/zh_CN", "WeChat", "iPhone"),
        (ANDROID + "SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36", "Samsung Internet", "Android"),
        ("Mozilla/5.0 (Android 15; Mobile; rv:144.0) Gecko/144.0 Firefox/144.0", "Firefox", "Android"),
        ("curl/8.14.1", "curl", None),
        ("", None, None),
        ("<script>", None, None),
    ],
)
def test_a_user_agent_speaks_of(user_agent: str, browser: str | None, system: str | None) -> None:
    assert device_of(user_agent) == (browser, system)
