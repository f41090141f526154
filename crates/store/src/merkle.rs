//! The Merkle tree hash of RFC 6962, section 2.1, with SHA-256.

use clearpicture_kernel::Digest;

/// A tree that leaves are added to from left to right, in memory of the order of their number's logarithm.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tree {
    /// Whole subtrees from left to right, each smaller than the one before, with the number of their leaves.
    whole: Vec<(u64, Digest)>,
}

impl Tree {
    /// Adds a leaf.
    pub(crate) fn push(&mut self, leaf: &[u8]) {
        let mut size = 1;
        let mut hash = Digest::of(&[&[0], leaf].concat());
        while let Some((_, left)) = self.whole.pop_if(|(whole, _)| *whole == size) {
            hash = node(left, hash);
            size *= 2;
        }
        self.whole.push((size, hash));
    }

    /// The hash of the whole tree.
    pub(crate) fn root(&self) -> Digest {
        self.whole
            .iter()
            .rev()
            .map(|(_, hash)| *hash)
            .reduce(|right, left| node(left, right))
            .unwrap_or(Digest::of(&[]))
    }
}

fn node(left: Digest, right: Digest) -> Digest {
    Digest::of(&[&[1], left.as_bytes().as_slice(), right.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    /// The leaves and roots that implementations of RFC 6962 test with.
    #[test]
    fn roots_are_those_of_certificate_transparency() {
        let mut tree = Tree::default();
        for (leaf, root) in [
            (
                "",
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            ),
            (
                "00",
                "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            ),
            (
                "10",
                "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            ),
            (
                "2021",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ),
            (
                "3031",
                "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            ),
            (
                "40414243",
                "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            ),
            (
                "5051525354555657",
                "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            ),
            (
                "606162636465666768696a6b6c6d6e6f",
                "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
            ),
        ] {
            tree.push(&HEXLOWER.decode(leaf.as_bytes()).expect("bytes"));
            assert_eq!(tree.root().to_string(), root);
        }
    }

    #[test]
    fn the_root_of_no_leaves_is_the_digest_of_nothing() {
        assert_eq!(Tree::default().root(), Digest::of(&[]));
    }
}
