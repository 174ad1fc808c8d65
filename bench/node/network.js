'use strict'
// What the rows over the DHT share: nodes on loopback which join at a port of 127.0.0.1. Servers let nobody hold more than some handshakes of one
// address at a time, so clients that make many connections spread them over several addresses of loopback.
const DHT = require('hyperdht')

exports.node = function (port, host = '127.0.0.1', more = {}) {
  return new DHT({ bootstrap: [{ host: '127.0.0.1', port }], host, ephemeral: false, firewalled: false, ...more })
}

// The i-th of the addresses that clients dial from.
exports.clientHost = (i) => '127.0.1.' + (i + 1)
