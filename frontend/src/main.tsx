import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./app.css";
import "./components/annotator/annotator.css";
import "./components/annotator/history/history.css";
import "./components/annotator/stage/stage.css";
import "./components/annotator/objects/objects.css";
import "./components/annotator/comments/comments.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./pages/App";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
