/** After a log-out: what this browser has kept of the person goes, and tabs that are still open keep nothing any more. */

import {openChannel} from "../lib/channel.js";
import {systemClock as clock} from "../lib/clock.js";
import {Database} from "../lib/database.js";
import {NoticeChoice} from "../state/notice-choice.js";
import {Recents} from "../state/recents.js";

openChannel("chat").post({type: "gone"});
new Recents(() => sessionStorage).forget();
new NoticeChoice(() => localStorage).forget();
new Database({factory: () => indexedDB, name: "chat", tables: [], clock})
  .erase()
  .catch(() => {}) // Where the browser forbids it, it has kept nothing.
  .then(() => (document.body.dataset.kept = "no"));
