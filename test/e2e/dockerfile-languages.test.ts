import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Host, startHost } from "./host.ts";
import type { Base } from "./image-files.ts";
import { missingComponents, nameWithMissing } from "./missing-components.ts";
import { missingPackages, PACKAGES, type PackageBase } from "./package-base.ts";
import { buildPrepared, expectHealthy, type Files, prepareImage, startReadOnly } from "./prepared-image.ts";

interface Language {
  readonly name: string;
  /** The images that the Dockerfile names, and what stands in for each. */
  readonly bases: Readonly<Record<string, Base>>;
  readonly files: Files;
  /** Who it runs as. */
  readonly user: string;
  readonly port?: number;
}

const ALPINE = "docker.io/library/alpine:3.22.1";

const GO_SERVER = `package main

import "net/http"

func main() {
	http.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("ok")) })
	panic(http.ListenAndServe(":3000", nil))
}
`;

const RUST_SERVER = `use std::io::{Read, Write};

fn main() {
    for stream in std::net::TcpListener::bind("0.0.0.0:3000").unwrap().incoming() {
        let mut stream = stream.unwrap();
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"HTTP/1.0 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok");
    }
}
`;

const JAVA_SERVER = `import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;

public class Shop {
    public static void main(String[] args) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(3000), 0);
        server.createContext("/healthz", exchange -> {
            exchange.sendResponseHeaders(200, 2);
            exchange.getResponseBody().write("ok".getBytes());
            exchange.close();
        });
        server.start();
    }
}
`;

/** Stands in for the wrapper, which fetches Maven: it leaves in target/ what Maven would. */
const MAVEN_WRAPPER = `set -e
[ "$*" = "--batch-mode -DskipTests package" ]
mkdir -p target/classes
javac -d target/classes src/main/java/Shop.java
jar --create --file target/shop-1.2.0.jar --main-class Shop -C target/classes .
jar --create --file target/shop-1.2.0-sources.jar -C src/main/java .
`;

const LANGUAGES: readonly Language[] = [
  {
    name: "static files",
    bases: { "docker.io/nginxinc/nginx-unprivileged:1.28.0-alpine": "nginx" },
    files: { "index.html": "<h1>Shop</h1>\n", healthz: "ok\n", ".env": "TOKEN=not for the image\n" },
    user: "101",
    port: 8080,
  },
  {
    name: "Go",
    bases: { "docker.io/library/golang:1.19-alpine": "go", [ALPINE]: "busybox" },
    files: { "go.mod": "module example.com/shop\n\ngo 1.19\n", "main.go": GO_SERVER },
    user: "10001",
  },
  {
    name: "Rust",
    bases: { "docker.io/library/rust:1.63.0-alpine": "rust", [ALPINE]: "busybox" },
    files: {
      "Cargo.toml": '[package]\nname = "shop"\nversion = "1.2.0"\nedition = "2021"\n',
      "Cargo.lock": 'version = 3\n\n[[package]]\nname = "shop"\nversion = "1.2.0"\n',
      "rust-toolchain.toml": '[toolchain]\nchannel = "1.63.0"\n',
      "src/main.rs": RUST_SERVER,
    },
    user: "10001",
  },
  {
    name: "Java",
    bases: {
      "docker.io/library/eclipse-temurin:17-jdk-alpine": "jdk",
      "docker.io/library/eclipse-temurin:17-jre-alpine": "jre",
    },
    files: {
      "pom.xml":
        "<project>\n  <properties><maven.compiler.release>17</maven.compiler.release></properties>\n</project>\n",
      mvnw: MAVEN_WRAPPER,
      "src/main/java/Shop.java": JAVA_SERVER,
    },
    user: "10001",
  },
  {
    name: "Ruby",
    bases: { "docker.io/library/ruby:3.1.2-slim": "ruby" },
    files: {
      Gemfile: 'source "https://rubygems.org"\ngem "puma"\n',
      "Gemfile.lock":
        "GEM\n  remote: https://rubygems.org/\n  specs:\n    nio4r (2.5.8)\n    puma (5.6.5)\n      nio4r (~> 2.0)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  puma\n\nBUNDLED WITH\n   2.3.15\n",
      ".ruby-version": "3.1.2\n",
      "config.ru": 'run ->(_) { [200, { "content-type" => "text/plain" }, ["ok"]] }\n',
    },
    user: "10001",
  },
  {
    name: "PHP",
    bases: {
      "docker.io/library/composer:2.8.10": "composer",
      "docker.io/library/php:8.2-apache": "php",
    },
    files: {
      "composer.json": '{ "name": "acme/shop", "config": { "platform": { "php": "8.2.0" } } }\n',
      "public/index.php": "<?php http_response_code($_SERVER['REQUEST_URI'] === '/healthz' ? 200 : 404);\n",
    },
    user: "33",
  },
];

const missingHost = missingComponents(["sshd", "engine"]);
const debianOf = (language: Language) =>
  missingPackages(Object.values(language.bases).flatMap((base) => PACKAGES[base as PackageBase] ?? []));

describe.skipIf(missingHost.length > 0)(
  nameWithMissing("a prepared Dockerfile of each language, on a real engine", missingHost),
  () => {
    let host: Host;

    beforeAll(async () => {
      host = await startHost({ parts: ["sshd", "engine"] });
    }, 120_000);

    afterEach(async () => {
      await host.run("docker rm --force prepared");
    });

    afterAll(async () => {
      await host?.stop();
    }, 60_000);

    for (const language of LANGUAGES) {
      // Compilers are too much for CI to install: there these are left out by name, and walked where they are.
      const missing = debianOf(language);
      test.skipIf(missing.length > 0)(
        nameWithMissing(
          `${language.name}: builds without a network, runs as an ordinary user on a read-only root, and its health check works`,
          missing,
        ),
        async () => {
          for (const [tag, base] of Object.entries(language.bases)) await host.provideBase(tag, base);
          const prepared = prepareImage(host, language.files, language.port);
          const built = await buildPrepared(host, prepared);
          expect(built.exitCode, `${built.stdout}${built.stderr}`).toBe(0);
          await startReadOnly(host);
          const user = await host.run("docker exec prepared id -u");
          const logs = (await host.run("docker logs prepared 2>&1")).stdout;
          expect(user.stdout.trim(), `${user.stderr}${logs}`).toBe(language.user);
          await expectHealthy(host, prepared.health);
        },
        300_000,
      );
    }
  },
);
