/** The observer (PROTOCOL.md §5, §7.18-§7.24, §10): statements, leave, promotion, work, silence. */

import { FailingNode } from "./failing.mjs";
import { need } from "./node.mjs";

export class ObservingNode extends FailingNode {
    hear_distress(_, body) {
        if (!this.accepts(body, "DISTRESS")) return;
        this.leave(body.node);
    }

    hear_quiesced(_, body) {
        if (!this.accepts(body, "QUIESCED")) return;
        this.leave(body.node);
        this.peer(body.node).released = true;
        const freed = ({ name, fencing }) => !body.gated.includes(name) || fencing === "token";
        this.release(body.node, freed);
    }

    /** The entries of a node are released, in each group that is freed. */
    release(other, freed) {
        for (const group of this.cluster.groups.filter(freed)) {
            if (Object.hasOwn(this.state.entries[group.name], other)) {
                this.entry(group.name, other).released = true;
            }
        }
    }

    hear_member_gone(_, body) {
        if (!this.accepts(body, "MEMBER_GONE")) return;
        const entry = this.entry(body.group, body.node);
        Object.assign(entry, { gone: true, released: true, primary: false });
    }

    hear_promoted(_, body) {
        if (!this.accepts(body, "PROMOTED")) return;
        const entry = this.entry(body.group, body.node);
        if (!entry.gone) entry.primary = true;
    }

    forge({ i }) {
        this.hear_distress({}, { kind: "DISTRESS", node: i, epoch: 1, incarnation: "forged" });
    }

    /** §5.1: what is of another incarnation than the one that was admitted is dropped. */
    accepts(body, kind) {
        this.needUp();
        return body.kind === kind && this.isGenuine(body);
    }

    isGenuine(body) {
        const { admitted } = this.peer(body.node);
        return !admitted || body.incarnation === admitted;
    }

    leave(other) {
        for (const older of this.olderThan(other)) this.outdate(older);
        const peer = this.peer(other);
        peer.barred = true;
        if (!this.leaveIsDue(peer)) return;
        Object.assign(peer, { view: false, left: true, partitioned: false });
        for (const group of Object.keys(this.state.members)) {
            const news = { group, news: "node_left", node: other };
            if (this.concerned(group, other)) this.emit("tell", news);
        }
    }

    /** A later epoch of its node has spoken: this one is left, and all of it is released (§9.1). */
    outdate(other) {
        if (!this.peer(other).barred || this.peer(other).view) this.leave(other);
        Object.assign(this.peer(other), { barred: true, released: true, later: true });
        this.release(other, () => true);
    }

    leaveIsDue(peer) {
        return peer.view;
    }

    /** Whether the resident member of the group has a fellow member on `other` as seen here. */
    concerned(group, other) {
        if (!["active", "notified"].includes(this.member(group).state)) return false;
        const { entries, isEntry } = this.list(group);
        return isEntry && entries.includes(other) && !this.entry(group, other).gone;
    }

    promote({ g }) {
        this.needUp();
        const member = this.member(g);
        need(member.state === "active", "the member is not active");
        need(!member.primary, "it is primary already");
        need(this.list(g).isEntry, "the member is no entry");
        need(this.earlierReleased(g), "an earlier entry is not released");
        need(this.dependenciesServed(g), "a group that it depends on has no known primary");
        member.primary = true;
        this.list(g).confirmed = false;
        this.entry(g, this.name).primary = true;
        this.send("PROMOTED", { group: g });
    }

    earlierReleased(g) {
        const { entries } = this.list(g);
        const earlier = entries.slice(0, entries.indexOf(this.name));
        return earlier.every((other) => this.isOut(g, other));
    }

    isOut(g, other) {
        return this.entry(g, other).released;
    }

    dependenciesServed(g) {
        return this.group(g).depends_on.every((needed) =>
            Object.keys(this.state.entries[needed]).some((each) => this.isServing(needed, each)),
        );
    }

    isServing(group, other) {
        const { primary, released } = this.entry(group, other);
        return primary && !released && (other === this.name || !this.peer(other).barred);
    }

    route_work({ i }) {
        this.needUp();
        need(this.routable(this.peer(i)), "a leaving statement was processed");
        need(this.hasMember(i), "no member there");
        this.emit("route", { node: i });
    }

    routable(peer) {
        return peer.view;
    }

    hasMember(other) {
        return this.cluster.groups.some(
            ({ name }) =>
                this.list(name).entries.includes(other) && !this.entry(name, other).released,
        );
    }

    miss_heartbeats(args) {
        this.lose_heartbeats(args);
    }

    lose_heartbeats({ i }) {
        this.needUp();
        need(this.peer(i).view, "it was left");
        this.peer(i).partitioned = true;
    }

    regain_heartbeats({ i }) {
        this.needUp();
        need(this.peer(i).view, "it was left");
        this.peer(i).partitioned = false;
    }

    /** Only a node whose latch is open observes others (§7.5). */
    needUp() {
        need(this.alive("engine"), "the engine is dead");
        need(this.in("active"), "a node that fails observes no more");
    }
}
