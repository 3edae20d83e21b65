// Node is itself with Python inside: signals, child processes, workers, and its event loop.
// Prints "still Node" at the end.
'use strict';

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const { Worker, isMainThread } = require('node:worker_threads');
const nexus = require('../../examples/node/nexus.js');

const directory = process.argv[2];

function encryptMany() {
    const crypto = nexus.open(directory).get('crypto');
    for (let i = 0; i < 1000; i++) assert.strictEqual(crypto.call('encrypt', 'Hello'), '2a24600860');
}

async function main() {
    nexus.pythonVersion();

    // SIGINT is Node's, not Python's, also while Python runs in a thread of koffi's.
    const time = nexus.import('time');
    const sleeping = time.callAsync('sleep', 0.2);
    const interrupted = once(process, 'SIGINT');
    process.kill(process.pid, 'SIGINT');
    await interrupted;
    await sleeping;
    // SIGCHLD.
    assert.strictEqual(execFileSync('printf', ['child']).toString(), 'child');

    // A thread of Python's calls JavaScript, which runs on the event loop while join() waits elsewhere.
    const given = [];
    const callable = nexus.callable('remember', (number, text) => { given.push(number, text); });
    const numbers = nexus.import('json').call('loads', '[[7, "größe"]]');
    const thread = nexus.import('threading').call('Thread', null, callable, null, numbers.call('pop'));
    const started = thread.callAsync('start');
    await started;
    await thread.callAsync('join');
    assert.deepStrictEqual(given, [7, 'größe']);

    // What a function gets and gives, in both directions and nested.
    const operator = nexus.import('operator');
    const list = nexus.import('json').call('loads', '["grö", "ße"]');
    const join = nexus.callable('join', (a, b) => a + b);
    assert.strictEqual(nexus.import('functools').call('reduce', join, list), 'größe');
    const same = nexus.callable('same', (object) => object);
    assert.strictEqual(operator.call('call', same, list).toString(), "['grö', 'ße']");
    assert.strictEqual(operator.call('call', same, null), null);
    const nested = nexus.callable('nested', (depth) => depth === 0 ? 'end' : operator.call('call', nested, depth - 1));
    assert.strictEqual(operator.call('call', nested, 20), 'end');

    // Several threads want a function of JavaScript's at once.
    const functools = nexus.import('functools');
    const joined = await Promise.all(Array.from({ length: 50 }, () => functools.callAsync('reduce', join, list)));
    assert.deepStrictEqual(joined, Array(50).fill('größe'));
    const throwing = nexus.callable('throwing', () => { throw new RangeError('too far'); });
    await assert.rejects(functools.callAsync('reduce', throwing, list), /^Failure: builtins.RuntimeError: too far$/);

    // Another JavaScript engine of the same process.
    const worker = new Worker(__filename, { argv: [directory] });
    encryptMany();
    const [code] = await once(worker, 'exit');
    assert.strictEqual(code, 0);

    // What is dropped is freed by the collector; what is passed comes back the same.
    const values = nexus.import('copy');
    for (const value of [null, true, -1, 2 ** 53 - 1, -(2n ** 63n), 0.5, 'größe\0🐍', '']) {
        assert.strictEqual(values.call('copy', value), value);
    }
    assert.deepStrictEqual(values.call('copy', Buffer.from([0, 255])), Buffer.from([0, 255]));
    assert.throws(() => values.call('copy', Symbol('none')), TypeError);
    for (let i = 0; i < 20000; i++) nexus.import('json');
    console.log('still Node');
}

if (isMainThread) main();
else encryptMany();
