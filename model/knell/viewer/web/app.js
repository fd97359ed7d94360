/** The viewer of one run, or of two side by side: one cursor, and everything that follows it. */

import { h, replace } from "./dom.js";
import { Diagram } from "./diagram.js";
import { choicesPanel } from "./choices.js";
import { comparing, comparison, place, sideOf } from "./compare.js";
import { stateTable } from "./state.js";
import { factsPanel } from "./facts.js";
import { headline, turningPoint } from "./headline.js";
import { topBar } from "./bar.js";
import { parting } from "./run.js";
import { helpDialog, onKey } from "./keys.js";
import { legend } from "./legend.js";
import { seek } from "./search.js";
import { Store } from "./store.js";
import { watchPanel } from "./watch.js";

/** @typedef {import("./run.js").Run} Run */
/** @typedef {{back?: (() => void) | null, prefix?: string, go?: ((step: number, action: string, parameters: Record<string, string>) => void) | null}} Options */

const TABS = /** @type {const} */ ([
    ["state", "State"],
    ["choices", "Could happen"],
    ["facts", "Properties"],
    ["watch", "Watch"],
]);

/**
 * @param {HTMLElement} root
 * @param {Run} run
 * @param {Run | null} other
 * @param {Options} options
 */
export function showRun(root, run, other, options) {
    const app = new App(root, run, other, options);
    app.start();
    return app;
}

export class App {
    /** @param {HTMLElement} root @param {Run} run @param {Run | null} other @param {Options} options */
    constructor(root, run, other, options) {
        this.root = root;
        this.run = run;
        this.other = other;
        this.options = options;
        this.from = other ? parting(run, other) : null;
        this.start_step = other
            ? Math.min(this.from ?? 0, Math.max(run.steps, other.steps))
            : turningPoint(run);
        this.store = new Store(
            Math.max(run.steps, other?.steps ?? 0),
            this.start_step,
            other ? "compare" : "state",
            other ? lanesOf(run, other) : "",
        );
        this.diagrams = [
            new Diagram(run, this.store, {
                label: run.bundle.name,
                head: other ? `left: ${sideOf(run, other)}` : null,
                from: this.from,
            }),
        ];
        if (other)
            this.diagrams.push(
                new Diagram(other, this.store, {
                    label: other.bundle.name,
                    head: `right: ${sideOf(other, run)}`,
                    from: this.from,
                }),
            );
        this.panel = h("div", { class: "panel", role: "tabpanel", tabindex: "0", id: "panel" });
        this.about = h("div", { class: "about-step", "aria-live": "polite" });
        this.tabs = h("div", { class: "tabs", role: "tablist" });
        this.counter = h("output", { class: "counter" });
        this.help = helpDialog();
        this.key = h("div", { class: "legend" });
        this.media = matchMedia("print");
    }

    start() {
        const { run, store } = this;
        replace(
            this.root,
            topBar(this),
            this.other ? comparing(run, this.other, store) : headline(run, store),
            h(
                "main",
                { class: this.other ? "work two" : "work" },
                h(
                    "div",
                    { class: "left" },
                    h(
                        "div",
                        { class: "runs" },
                        this.diagrams.map((diagram) => diagram.element),
                    ),
                    this.key,
                ),
                h(
                    "section",
                    { class: "side", "aria-label": "the chosen step" },
                    this.about,
                    this.tabs,
                    this.panel,
                ),
            ),
            this.help,
        );
        store.listen((chosen, before) =>
            this.update(chosen.step !== before.step || chosen.regroup !== before.regroup),
        );
        store.set(store.read(this.hash()));
        this.diagrams.forEach((diagram) => diagram.update(true));
        this.link();
        document.onkeydown = (event) => onKey(event, this);
        window.onhashchange = () => this.options.prefix === undefined && store.set(store.read(location.hash));
        this.diagrams.forEach((diagram, i) =>
            diagram.list.addEventListener("scroll", () => {
                const twin = this.diagrams[1 - i];
                if (twin && Math.abs(twin.list.scrollTop - diagram.list.scrollTop) > 1)
                    twin.list.scrollTop = diagram.list.scrollTop;
            }),
        );
        this.media.onchange = () => this.print(this.media.matches);
        window.onbeforeprint = () => this.print(true);
        window.onafterprint = () => this.print(false);
        this.diagrams[0].list.focus({ preventScroll: true });
    }

    /** On paper every row is drawn. @param {boolean} on */
    print(on) {
        for (const diagram of this.diagrams) {
            diagram.printing = on;
            diagram.draw();
        }
    }

    hash() {
        const prefix = this.options.prefix;
        return prefix ? location.hash.replace(`#${prefix}&`, "#") : location.hash;
    }

    link() {
        const prefix = this.options.prefix ? `${this.options.prefix}&` : "";
        try {
            history.replaceState(null, "", `#${prefix}${this.store.hash()}`);
        } catch {
            // A browser may refuse too many changes in a short time; the next one gets through.
        }
    }

    /** @param {boolean} follow */
    update(follow) {
        const { chosen } = this.store;
        this.diagrams.forEach((diagram) => diagram.update(follow));
        this.drawAbout();
        this.drawTabs();
        this.drawPanel();
        if (this.drawn !== this.diagrams[0].geometry) {
            this.drawn = this.diagrams[0].geometry;
            replace(this.key, legend(this.diagrams.map(({ run, geometry }) => ({ run, geometry })), this.from));
        }
        this.counter.textContent = `${chosen.step} / ${this.store.most}`;
        clearTimeout(this.linking);
        this.linking = setTimeout(() => this.link(), 150);
    }

    /** @type {import("./lanes.js").Geometry | undefined} */
    drawn = undefined;

    /** @type {ReturnType<typeof setTimeout> | undefined} */
    linking = undefined;

    /** @param {number} by */
    move(by) {
        const { order } = this.diagrams[0];
        const row = order.row(Math.min(this.store.chosen.step, this.run.steps)) ?? 0;
        const at = this.other
            ? this.store.chosen.step + by
            : order.step(Math.max(0, Math.min(this.run.steps, row + by)));
        this.store.set({ step: at });
    }

    /** @param {1 | -1} direction */
    seek(direction) {
        const found = seek(this.run, this.store.chosen.step, this.store.chosen.query, direction);
        if (found !== null) this.store.set({ step: found });
    }

    drawAbout() {
        const { run, other } = this;
        const { step } = this.store.chosen;
        const same = other && Math.max(step, 0) < (this.from ?? Infinity);
        if (!other) replace(this.about, aboutStep(run, step, `Step ${step}`));
        else if (same) replace(this.about, aboutStep(run, step, `Both, step ${step}`));
        else
            replace(
                this.about,
                aboutStep(run, step, `Left, ${place(run, step)}`),
                aboutStep(other, step, `Right, ${place(other, step)}`),
            );
    }

    drawTabs() {
        const { chosen } = this.store;
        const tabs = this.other ? [["compare", "Difference"], ...TABS] : TABS;
        const current = tabs.some(([id]) => id === chosen.tab) ? chosen.tab : tabs[0][0];
        const show = (/** @type {"changes" | "varying" | "all"} */ name, /** @type {string} */ text) =>
            h(
                "button",
                {
                    class: "segment",
                    "aria-pressed": String(chosen.show === name),
                    onclick: () => this.store.set({ show: name }),
                },
                text,
            );
        replace(
            this.tabs,
            tabs.map(([id, text]) =>
                h(
                    "button",
                    {
                        role: "tab",
                        id: `tab-${id}`,
                        "aria-controls": "panel",
                        "aria-selected": String(id === current),
                        tabindex: id === current ? "0" : "-1",
                        onclick: () => this.store.set({ tab: id }),
                    },
                    text,
                ),
            ),
            current === "state"
                ? h(
                      "span",
                      { class: "segments", role: "group", "aria-label": "which variables" },
                      show("changes", "changes"),
                      show("varying", "varying"),
                      show("all", "all"),
                  )
                : null,
        );
    }

    drawPanel() {
        const { chosen } = this.store;
        const typing = document.activeElement?.classList.contains("watch-input");
        const { run, other } = this;
        if (other && chosen.tab === "compare")
            replace(this.panel, comparison(run, other, chosen.step));
        else
            replace(
                this.panel,
                other ? h("h3", { class: "of-side" }, `left, ${place(run, chosen.step)}`) : null,
                this.content(chosen.tab),
            );
        if (typing) /** @type {HTMLElement | null} */ (this.panel.querySelector(".watch-input"))?.focus();
    }

    /** What a tab shows of a run; side by side, of the left one. @param {string} tab */
    content(tab) {
        const { run, store } = this;
        if (tab === "choices") return choicesPanel(run, store, this.options.go ?? null);
        if (tab === "facts") return factsPanel(run, store);
        if (tab === "watch") return watchPanel(run, store);
        return stateTable(run, store);
    }
}

/** The names of all lanes: side by side there is no room for members. @param {...Run} runs */
function lanesOf(...runs) {
    const names = runs.flatMap((run) => run.bundle.scene.lanes.map((lane) => lane.name));
    return [...new Set(names)].join(",");
}

/**
 * What a step is, of a run that may have ended before it.
 * @param {Run} run @param {number} chosen @param {string} where
 */
function aboutStep(run, chosen, where) {
    const step = Math.min(chosen, run.steps);
    const about = run.about(step);
    const notes = step > 0 && step <= run.last ? Object.entries(run.bundle.steps[step - 1][4]) : [];
    return [
        h(
            "h2",
            {},
            h("span", { class: "step-number" }, where),
            step ? ` ${run.call(step)}` : `: ${run.beginning}`,
        ),
        h(
            "p",
            {},
            about?.about ?? "",
            about?.section
                ? h(
                      "span",
                      { class: "quiet" },
                      ` ${about.section.startsWith("§") ? "" : "§"}${about.section}`,
                  )
                : null,
            about?.claims?.length ? h("span", { class: "quiet" }, ` ${about.claims.join(" ")}`) : null,
        ),
        notes.length
            ? h(
                  "p",
                  { class: "notes" },
                  notes.map(([key, note]) => h("span", { class: "quiet" }, `${key}: ${note} `)),
              )
            : null,
    ];
}
