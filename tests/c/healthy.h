/* What breaks when the interpreter's own modules are loaded twice, or by others' names: asyncio and
 * zoneinfo on 3.11, ElementTree on 3.12.1. */
#ifndef HEALTHY_H
#define HEALTHY_H

#include "nexus_check.h"

#include <dirent.h>

static inline void standard_library_is_healthy(void) {
    run_python(
        "import array, asyncio, bisect, collections, copy, csv, ctypes, datetime, decimal, fractions, hashlib\n"
        "import heapq, io, json, math, multiprocessing, operator, os, pickle, random, re, select, socket, sqlite3\n"
        "import ssl, statistics, struct, subprocess, sys, tempfile, threading, time, unicodedata, uuid, zlib\n"
        "import xml.etree.ElementTree as ET, zoneinfo, bz2, lzma, queue, concurrent.futures, contextvars\n"
        "async def seven():\n"
        "    await asyncio.sleep(0)\n"
        "    return await asyncio.create_task(asyncio.sleep(0, 7))\n"
        "assert asyncio.run(seven()) == 7\n"
        "async def many(): return await asyncio.gather(*(seven() for _ in range(20)))\n"
        "assert asyncio.run(many()) == [7] * 20\n"
        "tree = ET.fromstring('<a b=\"c\"><d>e</d><d/></a>')\n"
        "assert tree.get('b') == 'c' and [x.text for x in tree.iter('d')] == ['e', None]\n"
        "assert copy.deepcopy(tree).find('d').text == 'e' and ET.tostring(tree).startswith(b'<a b=')\n"
        "assert list(ET.iterparse(io.BytesIO(b'<r><s/></r>')))[0][1].tag == 's'\n"
        "with decimal.localcontext() as context:\n"
        "    context.prec = 50\n"
        "    assert decimal.Decimal('0.1') + decimal.Decimal('0.2') == decimal.Decimal('0.3')\n"
        "    assert str(decimal.Decimal(2).sqrt()).startswith('1.4142135623730950488016887')\n"
        "    assert pickle.loads(pickle.dumps(decimal.Decimal('1.5'))) == decimal.Decimal('1.5')\n"
        "assert fractions.Fraction(decimal.Decimal('0.5')) == fractions.Fraction(1, 2)\n"
        "for protocol in range(pickle.HIGHEST_PROTOCOL + 1):\n"
        "    for it in (array.array('i', [1, 2]), array.array('d', [1.5]), collections.OrderedDict(a=1),\n"
        "               collections.deque([1], 2), datetime.datetime(2024, 2, 29), datetime.timedelta(1), range(3),\n"
        "               uuid.UUID(int=5), {1: (2, [3])}, operator.itemgetter(1)('abc')):\n"
        "        assert pickle.loads(pickle.dumps(it, protocol)) == it, it\n"
        "        assert copy.deepcopy(it) == it\n"
        "assert type(pickle.Pickler).__module__ == 'builtins' and pickle.Pickler is __import__('_pickle').Pickler\n"
        "try: zone = zoneinfo.ZoneInfo('Europe/Berlin')\n"
        "except zoneinfo.ZoneInfoNotFoundError: zone = datetime.timezone(datetime.timedelta(hours=2))\n"
        "assert datetime.datetime(2024, 7, 1, tzinfo=zone).isoformat() == '2024-07-01T00:00:00+02:00'\n"
        "assert pickle.loads(pickle.dumps(zone)) == zone\n"
        "assert hashlib.sha256(b'').hexdigest().startswith('e3b0c442') and hashlib.md5(b'').hexdigest()[:4] == 'd41d'\n"
        "assert hashlib.blake2b(b'').digest_size == 64 and hashlib.sha3_256(b'').digest_size == 32\n"
        "assert json.loads(json.dumps({'a': [1, None, 'é']})) == {'a': [1, None, 'é']}\n"
        "assert bz2.decompress(bz2.compress(b'x')) == lzma.decompress(lzma.compress(b'x')) == b'x'\n"
        "assert zlib.crc32(b'x') == 2363233923 and struct.unpack('<d', struct.pack('<d', 2.5)) == (2.5,)\n"
        "db = sqlite3.connect(':memory:')\n"
        "assert db.execute('select 1 + 1').fetchone() == (2,)\n"
        "db.close()\n"
        "one, other = socket.socketpair()\n"
        "one.send(b'hello'); assert other.recv(9) == b'hello'; one.close(); other.close()\n"
        "ssl.create_default_context()\n"
        "assert ctypes.sizeof(ctypes.c_int) == 4 and ctypes.CDLL('msvcrt' if os.name == 'nt' else None).abs(-3) == 3\n"
        "assert unicodedata.name('é') == 'LATIN SMALL LETTER E WITH ACUTE'\n"
        "assert next(csv.reader(['a,\"b,c\"'])) == ['a', 'b,c'] and re.fullmatch('a+', 'aaa')\n"
        "assert bisect.bisect([1, 2, 3], 2) == 2 and heapq.nsmallest(1, [3, 1]) == [1]\n"
        "assert random.Random(1).random() == 0.13436424411240122 and statistics.fmean([1, 2]) == 1.5\n"
        "with concurrent.futures.ThreadPoolExecutor(2) as pool: assert sum(pool.map(abs, [-1, -2])) == 3\n"
        "assert subprocess.run(['cmd', '/c', 'exit'] if os.name == 'nt' else ['true'], stdin=subprocess.DEVNULL).returncode == 0\n");
}

static inline size_t modules_in(const char *folder) {
    DIR *directory = opendir(folder);
    CHECK(directory != NULL);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(directory));) {
        const char *suffix = strrchr(entry->d_name, '.');
        count += suffix && strcmp(suffix, ".so") == 0;
    }
    closedir(directory);
    CHECK(count > 15);
    return count;
}

/* Each loaded entry is what everybody else imports under its name; what is not loaded cannot be imported,
 * either, and says why. */
static inline void they_are_what_python_imports(const NexusLoader *loader, size_t expected) {
    NexusReport *report = report_of(loader);
    CHECK_NUMBER(nexus_report_count(report), expected);
    size_t loaded = 0;
    for (size_t i = 0; i < nexus_report_count(report); i++) {
        NexusReportEntry entry;
        CHECK_STATUS(nexus_report_at(report, i, &entry), NEXUS_OK);
        const char *slash = strrchr(entry.name, '/'), *name = slash ? slash + 1 : entry.name;
        if (entry.state == NEXUS_STATE_LOADED) {
            loaded++;
            NexusObject *module = get(loader, entry.name), *imported = import(name);
            CHECK_SEEN(id_of(module) == id_of(imported), "%s is in the process twice", name);
            FREE_OBJECTS(imported, module);
            continue;
        }
        CHECK_SEEN(entry.message[0] != '\0', "%s: no reason", name);
        NexusObject *module;
        NexusStatus status = nexus_import(name, &module, NULL);
        CHECK_SEEN(status == NEXUS_ERR_EXCEPTION, "%s can be imported, yet: %s", name, entry.message);
    }
    CHECK_NUMBER(nexus_loader_count(loader), loaded);
    CHECK(loaded > 15);
    nexus_report_free(report);
}

#endif
