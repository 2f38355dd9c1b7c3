/**
 * What every delivery owes, whatever it carries: one suite, run over each row of the table of deliveries. A row says
 * how a viewer asks for it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { toHex } from "../../shared/bytes.ts";
import { RESOURCES } from "../../shared/stream_name.ts";
import type { Delivery } from "../../relay/deliveries/delivery.ts";
import { describeStream, interleave, steadyPictures, steadySounds } from "../support/batches.ts";
import { DeliveryServer } from "../support/delivery_server.ts";
import { until } from "../support/relay.ts";

/** A viewer of one delivery. */
export interface DeliveryViewer extends AsyncDisposable {
  /** Resolves when media has come: at least an init segment and a picture. */
  media(): Promise<void>;
}

/** What a row brings to the suite. */
export interface DeliveryFixture {
  /** The word in the URL. */
  readonly resource: string;
  /** As the table opens it, but with less patience, where a stream of a third of a second would try it. */
  readonly open?: () => Delivery;
  /** Asks for `/live/{name}/{resource}` of a relay and waits for the answer to begin. */
  view(url: string): Promise<DeliveryViewer>;
  /** How a stream that does not exist is refused: HTTP status or close code. */
  refusal(url: string): Promise<number>;
  readonly unknown: number;
  /** It is reached by addresses of other relays alone, so a stream may have the word as its name. */
  readonly byAlias?: boolean;
}

/** Registers the suite for one row. */
export function deliveryContract(ofTable: () => Delivery, fixture: DeliveryFixture): void {
  const { resource, open: openDelivery = ofTable } = fixture;
  const { segment, batches } = describeStream(
    interleave(steadyPictures({ count: 20, group: 10 }), steadySounds({ count: 30 })),
  );
  const start = async (): Promise<DeliveryServer> => {
    const server = await DeliveryServer.start(["cam", "yard/north"], [openDelivery()]);
    for (const name of ["cam", "yard/north"]) {
      const { hub } = server.stream(name);
      hub.init(segment);
      for (const batch of batches) hub.publish(batch);
    }
    return server;
  };

  Deno.test(`${resource}: it answers to the contract's word`, () => {
    const delivery = openDelivery();
    assert.equal(delivery.resource, resource);
    const reserved = RESOURCES.has(resource);
    assert.equal(reserved, !fixture.byAlias, "no stream can be named like what has an address");
    assert.ok(delivery.request ?? delivery.upgrade);
  });

  Deno.test(`${resource}: a viewer gets media, of a stream with a name of several parts too`, async () => {
    await using server = await start();
    for (const name of ["cam", "yard/north"]) {
      await using viewer = await fixture.view(`${server.url}/live/${name}/${resource}`);
      await viewer.media();
    }
  });

  Deno.test(`${resource}: many viewers at once, and the batches stay as they are`, async () => {
    await using server = await start();
    const before = batches.map(({ bytes }) => toHex(bytes));
    const viewers = await Promise.all(
      Array.from({ length: 5 }, () => fixture.view(`${server.url}/live/cam/${resource}`)),
    );
    for (const viewer of viewers) await viewer.media();
    for (const viewer of viewers) await viewer[Symbol.asyncDispose]();
    assert.deepEqual(batches.map(({ bytes }) => toHex(bytes)), before);
  });

  Deno.test(`${resource}: viewers that are gone leave nothing behind`, async () => {
    await using server = await start();
    const { hub } = server.stream("cam");
    for (let i = 0; i < 3; i++) {
      await using viewer = await fixture.view(`${server.url}/live/cam/${resource}`);
      await viewer.media();
    }
    await until(() => hub.takers === 0, { what: "no takers" });
  });

  Deno.test(`${resource}: a stream that does not exist is refused`, async () => {
    await using server = await start();
    assert.equal(await fixture.refusal(`${server.url}/live/none/${resource}`), fixture.unknown);
  });

  Deno.test(`${resource}: two relays in one process share nothing`, async () => {
    await using one = await start();
    await using two = await start();
    await using viewer = await fixture.view(`${two.url}/live/cam/${resource}`);
    await one[Symbol.asyncDispose]();
    await viewer.media();
  });
}
