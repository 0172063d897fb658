"""Which network addresses anybody may have us call: those of the public internet, and no others."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from socket import inet_aton

_NAT64 = IPv6Network("64:ff9b::/96")
_UNICAST = IPv6Network("2000::/3")  # RFC 4291: all that is assigned to anybody
_DOCUMENTATION = IPv6Network("3fff::/20")  # RFC 9637, unknown to older Pythons


def is_public(text: str) -> bool:
    """Neither private, loopback, link-local, multicast nor reserved, also when it is wrapped in an IPv6 address."""
    address = parse(text)
    return address is not None and _public(address)


def parse(text: str) -> IPv4Address | IPv6Address | None:
    """An address without its zone, also one that is written as systems still read it (`127.1`, `0x7f.1`); None for a
    name."""
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        pass
    try:
        return IPv4Address(inet_aton(text))
    except (OSError, UnicodeError, ValueError):
        return None


def _public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        inner = _inside(address)
        if inner is not None:
            return _public(inner)
        if address not in _UNICAST or address in _DOCUMENTATION:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved and not address.is_unspecified


def _inside(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that a packet to this one ends at: mapped, 6to4, Teredo, NAT64."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    return IPv4Address(int(address) & 0xFFFF_FFFF) if address in _NAT64 else None
