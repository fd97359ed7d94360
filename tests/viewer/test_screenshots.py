"""The pictures of the README show what the page shows today."""

import json


def test_the_pictures_are_fresh(browser, tmp_path, capfd):
    from docs import screenshots  # noqa: PLC0415  # it needs Playwright, which may be missing

    texts = json.loads(screenshots.TEXTS.read_text(encoding="utf-8"))
    for name, page in screenshots.pages(tmp_path).items():
        assert (screenshots.HERE / f"{name}.png").exists()
        with screenshots.opened(browser, page, screenshots.SIZES[name]) as tab:
            shown = screenshots.text_of(tab)
        assert shown == texts[name], f"docs/{name}.png is stale: python docs/screenshots.py"
    capfd.readouterr()
