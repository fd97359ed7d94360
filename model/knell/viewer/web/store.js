/** What the reader has chosen; one place, so that every part shows the same step. */

/**
 * @typedef {object} Chosen
 * @property {number} step
 * @property {string} tab
 * @property {"changes" | "varying" | "all"} show
 * @property {string} query
 * @property {string[]} watches
 * @property {boolean} causes
 * @property {boolean} regroup
 * @property {string} folded lanes whose members are hidden, and hidden lanes with a minus, by commas
 */

const DEFAULTS = {
    step: 0,
    tab: "state",
    show: "varying",
    query: "",
    watches: [],
    causes: false,
    regroup: false,
    folded: "",
};

export class Store {
    /**
     * @param {number} most the last step
     * @param {number} start
     * @param {string} tab the tab to begin with
     * @param {string} folded the lanes that are folded at first
     */
    constructor(most, start, tab, folded = "") {
        /** @type {Chosen} */
        this.chosen = /** @type {Chosen} */ ({ ...DEFAULTS, tab, folded, step: start, watches: [] });
        this.tab = tab;
        this.folded = folded;
        this.start = start;
        this.most = most;
        /** @type {((chosen: Chosen, before: Chosen) => void)[]} */
        this.listeners = [];
    }

    /** @param {(chosen: Chosen, before: Chosen) => void} listener */
    listen(listener) {
        this.listeners.push(listener);
    }

    /** @param {Partial<Chosen>} changes */
    set(changes) {
        const before = this.chosen;
        this.chosen = { ...before, ...changes };
        this.chosen.step = Math.max(0, Math.min(this.most, this.chosen.step));
        for (const listener of this.listeners) listener(this.chosen, before);
    }

    /** The choice as the part of an address after `#`. */
    hash() {
        const { step, tab, show, query, watches, causes, regroup, folded } = this.chosen;
        const parts = new URLSearchParams();
        parts.set("step", String(step));
        if (tab !== this.tab) parts.set("tab", tab);
        if (show !== DEFAULTS.show) parts.set("show", show);
        if (query) parts.set("find", query);
        if (causes) parts.set("causes", "1");
        if (regroup) parts.set("regroup", "1");
        if (folded !== this.folded) parts.set("folded", folded);
        for (const watch of watches) parts.append("watch", watch);
        return parts.toString();
    }

    /** @param {string} hash @returns {Partial<Chosen>} what an address says, as far as it makes sense */
    read(hash) {
        const parts = new URLSearchParams(hash.replace(/^#/, ""));
        const step = Number.parseInt(parts.get("step") ?? "", 10);
        const show = parts.get("show");
        return {
            step: Number.isFinite(step) ? step : this.start,
            tab: parts.get("tab") ?? this.tab,
            show: show === "changes" || show === "all" ? show : "varying",
            query: parts.get("find") ?? "",
            causes: parts.get("causes") === "1",
            regroup: parts.get("regroup") === "1",
            folded: parts.get("folded") ?? this.folded,
            watches: parts.getAll("watch").slice(0, 50),
        };
    }
}
