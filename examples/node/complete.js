// Opens a directory of modules and uses them, numpy among them.
//
// usage: node complete.js DIRECTORY SITE_PACKAGES
'use strict';

const nexus = require('./nexus');

async function main(directory, sitePackages) {
    console.log(`Python ${nexus.pythonVersion().split(' ')[0]}`);

    // Every file of the directory, and what became of it.
    const loader = nexus.open(directory);
    for (const { name, state, message } of loader.report()) {
        console.log(`${name}: ${state}${message && ': '}${message}`);
    }

    // A call.
    const crypto = loader.get('crypto');
    const text = crypto.call('encrypt', 'Hello');
    console.log(`encrypt: ${text}, decrypt: ${crypto.call('decrypt', text)}`);

    // An exception.
    const json = nexus.import('json');
    try {
        json.call('loads', '{');
    } catch (failure) {
        console.log(failure.message);
        process.stdout.write(failure.traceback.replace(/^(?=.)/gm, '  | '));
    }

    // Python calls a function of this program, and gets its error.
    const numbers = json.call('loads', '[1, 2, 3, 4, 5]');
    const functools = nexus.import('functools');
    const add = nexus.callable('add', (a, b) => a + b);
    console.log(`reduce: ${functools.call('reduce', add, numbers)}`);
    const refuse = nexus.callable('refuse', () => { throw new Error('not today'); });
    try {
        functools.call('reduce', refuse, numbers);
    } catch (failure) {
        console.log(failure.message);
    }

    // A real package: numpy works on memory of this program, without a copy.
    const packages = nexus.open(sitePackages, { recursive: true, modules: ['numpy.*', 'orjson.*'] });
    console.log(`orjson: ${packages.get('orjson').call('dumps', numbers)}`);
    const numpy = nexus.import('numpy');
    const memory = new nexus.Memory(1000);
    memory.array.forEach((_, index) => { memory.array[index] = index + 1; });
    const view = memory.view();
    const array = numpy.call('asarray', view);
    numpy.call('multiply', array, 2, array).free(); // the result is the array once more
    console.log(`doubled: ${memory.array[0]} to ${memory.array[999]}`);
    array.free();
    view.free();
    memory.free();

    // In threads: JavaScript goes on meanwhile, and answers the calls of Python.
    const worker = async () => {
        let equal = 0;
        for (let i = 0; i < 1000; i++) equal += await crypto.callAsync('encrypt', 'Hello') === text;
        return equal;
    };
    const equal = await Promise.all([worker(), worker(), worker(), worker()]);
    console.log(`calls: ${equal.reduce((a, b) => a + b)}`);
    if (await functools.callAsync('reduce', add, numbers) !== 15) throw new Error('another sum');

    // Handles go when JavaScript forgets them; free() does it at once. A freed one is an error, no crash.
    loader.free();
    try {
        loader.get('crypto');
    } catch (failure) {
        console.log(`freed: ${nexus.statusString(failure.status)}`);
    }
}

main(...process.argv.slice(2)).catch((problem) => {
    console.error(problem);
    process.exitCode = 1;
});
