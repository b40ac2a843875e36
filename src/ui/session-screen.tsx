import type { Writable } from "node:stream";
import { Box, render, Static, Text } from "ink";
import type { AgentEvent } from "../agent/agent-report.ts";
import type { Budget } from "../agent/loop/budget.ts";
import { type SessionLine, SessionLog, type SessionView } from "./session-log.ts";

export interface ScreenSettings {
  /** A terminal. */
  readonly stdout: Writable;
  readonly hasColour: boolean;
  /** Who works, and by which provider. */
  readonly heading: string;
  readonly budget: Budget;
  readonly now: () => Date;
}

export interface SessionScreen {
  tell(event: AgentEvent): void;
  /** Leaves on the terminal what happened, and takes the line below it away. */
  close(): void;
}

/** A session of an agent as a person watches it: what happened scrolls by, and below stands how far it is. */
export function openSessionScreen(settings: ScreenSettings): SessionScreen {
  const log = new SessionLog();
  const begun = settings.now().getTime();
  let isOver = false;
  const draw = () => {
    const seconds = Math.floor((settings.now().getTime() - begun) / 1000);
    return <Screen log={log.copy()} settings={settings} seconds={seconds} isOver={isOver} />;
  };
  // Ctrl-C stays the signal that it is: whoever runs the session ends it in order.
  const app = render(draw(), {
    stdout: settings.stdout as NodeJS.WriteStream,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  const redraw = () => app.rerender(draw());
  const tick = setInterval(redraw, 1000);
  return {
    tell: (event) => {
      log.add(event);
      redraw();
    },
    close: () => {
      if (isOver) return;
      isOver = true;
      clearInterval(tick);
      log.finish();
      redraw();
      app.unmount();
    },
  };
}

interface ScreenProps {
  readonly log: SessionView;
  readonly settings: ScreenSettings;
  readonly seconds: number;
  /** Nothing is left to watch: only the lines stay. */
  readonly isOver: boolean;
}

function Screen({ log, settings, seconds, isOver }: ScreenProps) {
  const { heading, hasColour, budget } = settings;
  return (
    <>
      <Lines lines={log.lines} hasColour={hasColour} />
      {log.saying === "" ? null : <Text>{log.saying}</Text>}
      {isOver ? null : (
        <Box marginTop={1}>
          <Text bold={hasColour}>
            {[heading, ...describeProgress(log, budget, seconds), log.now, "Ctrl-C stops"].join(" · ")}
          </Text>
        </Box>
      )}
    </>
  );
}

function Lines({ lines, hasColour }: { lines: readonly SessionLine[]; hasColour: boolean }) {
  return (
    <Static items={[...lines]}>
      {({ number, kind, text }) => (
        <Text key={number}>
          {kind === "say" ? "" : <Kind kind={kind} hasColour={hasColour} />}
          {text === "" ? " " : text}
        </Text>
      )}
    </Static>
  );
}

function Kind({ kind, hasColour }: { kind: AgentEvent["kind"]; hasColour: boolean }) {
  const padded = `${kind.padEnd(8)} `;
  return hasColour ? <Text color={kind === "error" ? "red" : "cyan"}>{padded}</Text> : <Text>{padded}</Text>;
}

function describeProgress({ spent }: SessionView, budget: Budget, seconds: number): string[] {
  const of = (limit: number | undefined) => (limit === undefined ? "" : ` of ${limit}`);
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const minutes = budget.minutes === undefined ? "" : ` of ${budget.minutes}:00`;
  if (spent === undefined) return [`${time}${minutes}`];
  const { turns, usage, cost } = spent;
  const tokens = usage.input + usage.output;
  return [
    `turn ${turns}${of(budget.turns)}`,
    `${tokens.toLocaleString("en-US")}${of(budget.tokens)} tokens`,
    ...(cost === null ? [] : [`${cost.toFixed(4)}${of(budget.money)}`]),
    `${time}${minutes}`,
  ];
}
