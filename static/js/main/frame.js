/** What each page with a sidebar does. */

import {keepDrawer} from "../ui/drawer.js";

keepDrawer({drawer: document.querySelector("[data-sidebar]"), rest: () => document.querySelectorAll("[data-page], .skip-link")});
