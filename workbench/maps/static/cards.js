// What stands beside the hand: the line held, the answer at the cursor, a fan of symbols too near to be told apart.
(function () {
  "use strict";
  const { el } = window.WorkbenchLabels;
  const SAY = {
    keep: ["保留", "Keep"], close: ["关闭", "Close"], down: ["放下", "Put down"], facts: ["资料", "Facts"],
    confirm: ["确认", "Confirm"], why: ["为什么", "Why"], shut: ["关上", "Close this card"], now: ["现决定：", "Decided: "],
    try: ["试", "Try"], asking: ["正在算……", "Working it out…"], mine: ["手定", "by hand"], theirs: ["优化建议", "proposed"],
    free: ["可承接", "may take it"], restricted: ["受限", "restricted"], forbidden: ["不可", "may not"],
    map: ["地图：方向键选点，回车拿起、试放、确认，Esc 放下，Delete 关闭，K 保留，Shift 加方向键移动地图",
      "Map: arrow keys choose, Enter takes up, tries, confirms, Escape puts down, Delete closes, K keeps, Shift and arrows pan"],
  };

  class Cards {
    constructor(view) {
      this.view = view;
      this.root = view.map.getContainer();
      this.status = this.add("wb-said");
      this.status.setAttribute("role", "status");
    }

    say(key) { return SAY[key][this.view.lang]; }

    add(kind) {
      const box = el("div", kind);
      L.DomEvent.disableClickPropagation(box).disableScrollPropagation(box);
      this.root.append(box);
      return box;
    }

    button(text, act, kind = "") {
      const made = el("button", kind, text);
      made.type = "button";
      made.onclick = (event) => { event.stopPropagation(); act(); };
      return made;
    }

    cross(act) {
      const made = this.button("✕", act, "wb-cross");
      made.setAttribute("aria-label", this.say("shut"));
      return made;
    }

    // Tell a screen reader what the keyboard stands on.
    tell(text) { this.status.textContent = text; }

    drop(name) {
      if (this[name]) this[name].remove();
      this[name] = null;
    }

    // ---- the line held, or the facts of anything else clicked ------------------------------------------
    showHeld(f, decided, counts, acts) {
      const open = this.held && this.held.querySelector(".wb-card") !== null && this.heldId === f.id;
      this.drop("held");
      const box = this.held = this.add("wb-box wb-held"), head = el("div", "wb-head"), row = el("div", "wb-acts");
      this.heldId = f.id;
      head.append(el("h2", "", this.view.name(f)), this.cross(acts.down));
      box.append(head, el("p", "wb-now", `${f.capacity_kt ? this.view.amount(f.capacity_kt) : ""} ${this.say("now")}${decided}`));
      if (!counts) box.append(el("p", "wb-counts", "…"));
      else {
        const line = el("p", "wb-counts");
        for (const state of ["free", "restricted", "forbidden"]) {
          line.append(el("span", `wb-dot wb-${state}`, state === "forbidden" ? "■" : "★"), `${this.say(state)} ${counts[state]} `);
        }
        box.append(line);
      }
      const facts = () => {
        const shown = box.querySelector(".wb-card");
        if (shown) shown.remove();
        else {
          const card = this.view.card(f);
          card.querySelector("h2").remove();
          box.append(card);
        }
      };
      row.append(this.button(this.say("keep"), acts.keep), this.button(this.say("close"), acts.close),
        this.button(this.say("down"), acts.down), this.button(this.say("facts"), facts));
      box.append(row);
      if (open) facts();
    }

    showFacts(f) {
      this.drop("held");
      this.heldId = null;
      if (!f) return;
      this.held = this.add("wb-box wb-held");
      const card = this.view.card(f), shut = this.cross(() => this.showFacts(null));
      this.held.append(shut, card);
    }

    // ---- the answer at the cursor -----------------------------------------------------------------------
    // card: {title, tag, tone, rows: [[label, value, tone]], note, near: [[site, text]]}; null while it is worked out.
    showCard(card, place, firm, acts) {
      this.drop("card");
      const box = this.card = this.add(`wb-box wb-try${firm ? "" : " wb-passing"}`), head = el("div", "wb-head");
      head.append(el("h2", "", card.title));
      if (card.tag) head.append(el("span", `wb-tag wb-${card.tone}`, card.tag));
      if (firm) head.append(this.cross(acts.shut));
      box.append(head);
      if (!card.rows) box.append(el("p", "", this.say("asking")));
      const table = el("table");
      for (const [label, value, tone] of card.rows || []) {
        const tr = el("tr");
        tr.append(el("th", "", label), el("td", tone ? `wb-${tone}` : "", value));
        table.append(tr);
      }
      box.append(table);
      if (card.note) box.append(el("p", "wb-note", card.note));
      if (firm) box.append(this.cardActs(card, acts));
      this.beside(box, place);
      const first = box.querySelector(".wb-acts button");
      if (firm && first && acts.byKey) first.focus();
    }

    cardActs(card, acts) {
      const row = el("div", "wb-acts");
      if (card.may) row.append(this.button(this.say("confirm"), acts.confirm, "wb-first"));
      for (const [site, text] of card.near || []) row.append(this.button(`${this.say("try")} ${text}`, () => acts.instead(site)));
      row.append(this.button(this.say("why"), acts.why));
      return row;
    }

    // Beside the place, where the card hides the fewest of the symbols that may be tried next, and of the names.
    beside(box, place) {
      const corner = this.view.map.getContainer().getBoundingClientRect();
      const names = [...this.view.map.getPane("labels").children].map((name) => name.getBoundingClientRect());
      const size = this.view.map.getSize(), w = box.offsetWidth, h = box.offsetHeight;
      const held = this.held ? { x: this.held.offsetLeft + this.held.offsetWidth, y: this.held.offsetTop + this.held.offsetHeight } : { x: 0, y: 0 };
      let best = null, least = Infinity;
      for (const x of [place.x + 18, place.x - 18 - w, place.x - w / 2, place.x + 60, place.x - 60 - w]) {
        for (const y of [-1.4 * h, -h - 18, -0.8 * h, -0.55 * h, -h / 3, 18, 60].map((far) => place.y + far)) {
          const left = Math.min(Math.max(4, x), Math.max(4, size.x - w - 4)), top = Math.min(Math.max(4, y), Math.max(4, size.y - h - 4));
          const inside = (p) => p.x > left - 6 && p.x < left + w + 6 && p.y > top - 6 && p.y < top + h + 6;
          const hidden = this.view.hand.goals().filter((f) => inside(this.view.hand.place(f))).length;
          const covered = names.filter((n) => n.left - corner.left < left + w && n.right - corner.left > left
            && n.top - corner.top < top + h && n.bottom - corner.top > top).length;
          const cost = hidden + 0.1 * covered + (inside(place) ? 50 : 0) + (left < held.x && top < held.y ? 3 : 0);
          if (cost < least) { least = cost; best = [left, top]; }
        }
      }
      [box.style.left, box.style.top] = best.map((px) => `${Math.round(px)}px`);
    }

    // ---- a fan ------------------------------------------------------------------------------------------
    showFan(features, centre, pick) {
      this.drop("fan");
      const box = this.fan = this.add("wb-fan"), n = features.length, ring = Math.max(34, 13 * n / 2);
      const size = this.view.map.getSize();
      box.style.left = `${Math.min(Math.max(centre.x, ring + 8), size.x - ring - 8)}px`;
      box.style.top = `${Math.min(Math.max(centre.y, ring + 12), size.y - ring - 12)}px`;
      features.forEach((f, i) => {
        const a = -Math.PI / 2 + 2 * Math.PI * (i + 0.5) / n, x = ring * Math.cos(a), y = ring * Math.sin(a);
        const leg = el("i");
        Object.assign(leg.style, { width: `${ring}px`, transform: `rotate(${a}rad)` });
        const made = this.button(this.view.name(f), () => { this.drop("fan"); pick(f); }, x < 0 ? "wb-left" : "");
        made.dataset.id = f.id;
        Object.assign(made.style, { left: `${x}px`, top: `${y}px`, borderColor: f.look.colour });
        box.append(leg, made);
      });
      return box;
    }

    // ---- the name under the mouse -----------------------------------------------------------------------
    hint(f, place) {
      if (!f) return this.drop("tip");
      if (!this.tip) this.tip = this.add("wb-name");
      const kt = f.kt || f.capacity_kt;
      this.tip.textContent = this.view.name(f) + (kt ? ` · ${this.view.amount(kt)}` : "");
      const size = this.view.map.getSize(), left = place.x > size.x - this.tip.offsetWidth - 20;
      this.tip.style.left = `${left ? place.x - this.tip.offsetWidth - 12 : place.x + 12}px`;
      this.tip.style.top = `${Math.max(2, place.y - 28)}px`;
      return undefined;
    }
  }

  window.WorkbenchCards = { Cards };
})();
