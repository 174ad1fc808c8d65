package org.datdot.dht;

/**
 * Which of a node's two sockets. Others know the server socket by its fixed port; what a node sends before it knows whether
 * that port can be reached from outside goes through the client socket, so that it opens no path through a firewall.
 */
enum SocketKind {
    SERVER,
    CLIENT
}
