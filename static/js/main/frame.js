/** What each page with a sidebar does. */

import {systemClock as clock} from "../lib/clock.js";
import {lookUp} from "../net/lookup.js";
import {Choices} from "../state/choices.js";
import {Recents} from "../state/recents.js";
import {closeBeside, toggleDialog} from "../ui/dialog.js";
import {keepDrawer} from "../ui/drawer.js";
import {ownRooms} from "../ui/own-rooms.js";
import {Shortcuts} from "../ui/shortcuts.js";
import {Switcher} from "../ui/switcher.js";

const sidebar = document.querySelector("[data-sidebar]");
const dialog = document.querySelector("[data-switcher]");
const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
const keys = document.querySelector("[data-keys]");
const recents = new Recents(() => sessionStorage);
const switcher = new Switcher({
  dialog,
  choices: new Choices({ask: (query) => lookUp(dialog.dataset.lookup, query), clock}),
  begin: () => ({...ownRooms(sidebar), recent: recents.slugs}),
});

keepDrawer({drawer: sidebar, rest: () => document.querySelectorAll("[data-page], .skip-link")});
const shortcuts = new Shortcuts({page: document, isMac});
shortcuts.on("switch", () => switcher.toggle());
shortcuts.on("help", () => toggleDialog(keys));
closeBeside(keys);
if (isMac) {
  document.querySelectorAll("[data-command-key]").forEach((key) => (key.textContent = "⌘"));
}
sidebar.querySelector("[data-open-switcher]").addEventListener("click", () => {
  sidebar.hidePopover?.();
  switcher.toggle();
});
