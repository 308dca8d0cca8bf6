//! `tls_certificate` and `tls_key` under `[http]`: two PEM files that belong together.

use std::{
    fmt, fs,
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use super::{
    fault::Fault,
    password::Passwords,
    section::{Section, Spotted},
};

/// What HTTPS is served with.
#[derive(Clone)]
pub struct Tls {
    /// The certificate chain, the server's own first.
    pub certificate: PathBuf,
    /// The private key of the first certificate.
    pub key: PathBuf,
    /// Both, checked, with the protocols and versions that are spoken.
    pub server: Arc<ServerConfig>,
    chain: Vec<CertificateDer<'static>>,
}

/// By what is served: a renewed certificate in the same file is another one.
impl PartialEq for Tls {
    fn eq(&self, other: &Self) -> bool {
        (&self.certificate, &self.key, &self.chain)
            == (&other.certificate, &other.key, &other.chain)
    }
}

impl Eq for Tls {}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("certificate", &self.certificate)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// A chain is a few kilobytes; this keeps a wrong file out.
const PEM_MAX: u64 = 1 << 20;

const CERTIFICATE: &str = "tls_certificate";
const KEY: &str = "tls_key";

/// Reads both keys and both files. Without either, HTTP is served in clear.
pub(super) fn read(
    section: &mut Section,
    passwords: &Passwords<'_>,
    warnings: &mut Vec<Fault>,
) -> Option<Tls> {
    let (certificate, key) = (section.text(CERTIFICATE, 1024), section.text(KEY, 1024));
    let (certificate, key) = match (certificate, key) {
        (Some(certificate), Some(key)) => (certificate, key),
        (Some(_), None) => {
            section.missing(KEY, "name the PEM file of the certificate's private key");
            return None;
        }
        (None, Some(_)) => {
            section.missing(CERTIFICATE, "name the PEM file of the certificate chain");
            return None;
        }
        (None, None) => return None,
    };
    // As with passwords: who may not learn which files there are gets none of them read.
    let Passwords::Read { directory, .. } = passwords else { return None };
    let chain =
        certificates(&directory.join(&certificate.value), CERTIFICATE, &certificate, section);
    let private = private(&directory.join(&key.value), &key, section, warnings);
    let (chain, private) = (chain?, private?);
    match server(chain.clone(), private) {
        Ok(server) => Some(Tls {
            certificate: directory.join(&certificate.value),
            key: directory.join(&key.value),
            server: Arc::new(server),
            chain,
        }),
        Err(rustls::Error::InconsistentKeys(_)) => {
            let problem = format!("is not the key of the certificate in {}", certificate.value);
            let remedy = "name the key that the certificate was asked for with; the server's own certificate stands first in its file";
            section.fault(KEY, key.at, problem, remedy);
            None
        }
        Err(error) => {
            let remedy = "use a certificate (X.509 v3) with an ECDSA, Ed25519 or RSA key of at least 2048 bits";
            section.fault(CERTIFICATE, certificate.at, format!("cannot be used: {error}"), remedy);
            None
        }
    }
}

/// The certificates of a PEM file, one at least, or a fault at `key`.
pub(super) fn certificates(
    path: &Path,
    key: &'static str,
    name: &Spotted<String>,
    section: &mut Section,
) -> Option<Vec<CertificateDer<'static>>> {
    let chain = bytes(path).and_then(|(pem, _)| {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        match chain {
            Ok(chain) if !chain.is_empty() => Ok(chain),
            Ok(_) => Err("holds no certificate".to_owned()),
            Err(_) => Err("is not PEM".to_owned()),
        }
    });
    let told = |problem| {
        let what = if key == CERTIFICATE { "certificate chain" } else { "certificate" };
        let first = if key == CERTIFICATE { ", the server's own first" } else { "" };
        let remedy = format!(
            "put the {what} there as PEM (-----BEGIN CERTIFICATE-----){first}: {}",
            path.display()
        );
        section.fault(key, name.at.clone(), problem, remedy);
    };
    chain.map_err(told).ok()
}

fn private(
    path: &Path,
    name: &Spotted<String>,
    section: &mut Section,
    warnings: &mut Vec<Fault>,
) -> Option<PrivateKeyDer<'static>> {
    let private = bytes(path).and_then(|(pem, mode)| {
        let key = PrivateKeyDer::from_pem_slice(&pem)
            .map_err(|_| "holds no private key in the clear".to_owned())?;
        Ok((key, mode))
    });
    match private {
        Ok((key, mode)) => {
            if mode & 0o004 != 0 {
                let problem = format!("everyone on this machine can read {}", path.display());
                warnings.push(section.told(KEY, &name.at, problem, "chmod 600"));
            }
            Some(key)
        }
        Err(problem) => {
            let remedy = format!(
                "put the key there as PEM (-----BEGIN PRIVATE KEY-----), without a passphrase, and let only the service read it (chmod 600): {}",
                path.display()
            );
            section.fault(KEY, name.at.clone(), problem, remedy);
            None
        }
    }
}

/// The file and its mode. The errors of a key file never hold any of it.
fn bytes(path: &Path) -> Result<(Vec<u8>, u32), String> {
    let told = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "the service may not read the file".to_owned(),
        _ => format!("the file cannot be read: {error}"),
    };
    // Before opening: opening a pipe would wait for a writer.
    let metadata = fs::metadata(path).map_err(told)?;
    if !metadata.is_file() {
        return Err("is not a file".to_owned());
    }
    let mut bytes = Vec::new();
    let mut file = fs::File::open(path).map_err(told)?.take(PEM_MAX + 1);
    file.read_to_end(&mut bytes).map_err(told)?;
    if bytes.len() as u64 > PEM_MAX {
        return Err("holds more than a mebibyte".to_owned());
    }
    Ok((bytes, metadata.permissions().mode()))
}

/// TLS 1.2 and 1.3 with the suites that rustls holds to be safe; HTTP/1.1 alone, as WebSockets
/// are opened over it.
fn server(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    let mut server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    server.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(server)
}
